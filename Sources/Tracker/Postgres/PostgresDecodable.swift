package import FoundationEssentials

/// A value that can be read from a column of a result.
package protocol PostgresDecodable: Sendable {
    static func decode(_ cell: PostgresCell) throws(PostgresError) -> Self
}

extension Bool: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> Bool {
        try cell.bytes(of: .bool).first == 1
    }
}

extension Int64: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> Int64 {
        let bytes = try cell.bytes(of: .int8, .int4, .int2)
        return switch cell.type {
        case .int8: bytes.bigEndian(Int64.self)
        case .int4: Int64(bytes.bigEndian(Int32.self))
        default: Int64(bytes.bigEndian(Int16.self))
        }
    }
}

extension Int: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> Int { Int(try Int64.decode(cell)) }
}

extension Int32: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> Int32 {
        try cell.bytes(of: .int4).bigEndian(Int32.self)
    }
}

extension Double: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> Double {
        Double(bitPattern: try cell.bytes(of: .float8).bigEndian(UInt64.self))
    }
}

extension String: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> String {
        String(decoding: try cell.bytes(of: .text, .varchar, .name, .unknown), as: UTF8.self)
    }
}

extension Date: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> Date {
        let microseconds = Double(try cell.bytes(of: .timestamptz).bigEndian(Int64.self))
        return Date(timeIntervalSinceReferenceDate: (microseconds - epochOffset) / 1_000_000)
    }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> Wrapped? {
        guard cell.value != nil else { return nil }
        return try Wrapped.decode(cell)
    }
}

extension Array: PostgresDecodable where Element: PostgresDecodable & PostgresEncodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> [Element] {
        let bytes = try cell.bytes(of: Element.postgresArrayType)
        guard bytes.bigEndian(Int32.self) == 1 else { return [] }
        var elements: [Element] = []
        var offset = 20
        for _ in 0..<bytes.bigEndian(Int32.self, at: 12) {
            let length = Int(bytes.bigEndian(Int32.self, at: offset))
            offset += 4
            let value = length < 0 ? nil : UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length])
            elements.append(
                try Element.decode(PostgresCell(column: cell.column, type: Element.postgresType, value: value)))
            offset += value?.count ?? 0
        }
        return elements
    }
}
