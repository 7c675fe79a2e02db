/// One value of a result, in binary form; valid only while it is decoded.
package struct PostgresCell {
    let column: String
    let type: PostgresType
    /// Nil for null.
    let value: UnsafeRawBufferPointer?

    /// The bytes of a value that must not be null and must have one of `types`.
    func bytes(of types: PostgresType...) throws(PostgresError) -> UnsafeRawBufferPointer {
        guard types.contains(type) else {
            throw PostgresError(
                .unexpectedType, "column '\(column)' has PostgreSQL type \(type.rawValue), not \(types[0].rawValue)")
        }
        guard let value else {
            throw PostgresError(.unexpectedType, "column '\(column)' is null where a value is required")
        }
        return value
    }
}

extension UnsafeRawBufferPointer {
    /// The big-endian integer at `offset`; zero where the bytes end before it does.
    func bigEndian<Value: FixedWidthInteger>(_: Value.Type = Value.self, at offset: Int = 0) -> Value {
        guard offset >= 0, offset + MemoryLayout<Value>.size <= count else { return 0 }
        return Value(bigEndian: loadUnaligned(fromByteOffset: offset, as: Value.self))
    }
}
