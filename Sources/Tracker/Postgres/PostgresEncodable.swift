package import FoundationEssentials

/// A value that can be a parameter of a query, in PostgreSQL's binary form.
package protocol PostgresEncodable: Sendable {
    static var postgresType: PostgresType { get }
    /// Type of an array of these.
    static var postgresArrayType: PostgresType { get }

    /// Appends the binary form; false, with nothing appended, for null.
    func encode(into bytes: inout [UInt8]) throws(PostgresError) -> Bool
}

extension Bool: PostgresEncodable {
    package static var postgresType: PostgresType { .bool }
    package static var postgresArrayType: PostgresType { .boolArray }

    package func encode(into bytes: inout [UInt8]) -> Bool {
        bytes.append(self ? 1 : 0)
        return true
    }
}

extension Int32: PostgresEncodable {
    package static var postgresType: PostgresType { .int4 }
    package static var postgresArrayType: PostgresType { .int4Array }

    package func encode(into bytes: inout [UInt8]) -> Bool {
        bytes.append(bigEndian: self)
        return true
    }
}

extension Int64: PostgresEncodable {
    package static var postgresType: PostgresType { .int8 }
    package static var postgresArrayType: PostgresType { .int8Array }

    package func encode(into bytes: inout [UInt8]) -> Bool {
        bytes.append(bigEndian: self)
        return true
    }
}

extension Int: PostgresEncodable {
    package static var postgresType: PostgresType { .int8 }
    package static var postgresArrayType: PostgresType { .int8Array }

    package func encode(into bytes: inout [UInt8]) -> Bool { Int64(self).encode(into: &bytes) }
}

extension Double: PostgresEncodable {
    package static var postgresType: PostgresType { .float8 }
    package static var postgresArrayType: PostgresType { .float8Array }

    package func encode(into bytes: inout [UInt8]) -> Bool {
        bytes.append(bigEndian: bitPattern)
        return true
    }
}

extension String: PostgresEncodable {
    package static var postgresType: PostgresType { .text }
    package static var postgresArrayType: PostgresType { .textArray }

    package func encode(into bytes: inout [UInt8]) throws(PostgresError) -> Bool {
        guard !utf8.contains(0) else {
            throw PostgresError(.invalidValue, "a text holds a NUL character, which PostgreSQL cannot store; remove it")
        }
        bytes.append(contentsOf: utf8)
        return true
    }
}

/// A timestamp with time zone, to the microsecond.
extension Date: PostgresEncodable {
    package static var postgresType: PostgresType { .timestamptz }
    package static var postgresArrayType: PostgresType { .timestamptzArray }

    /// 2001-01-01, where Foundation counts from, in microseconds since 2000-01-01, where PostgreSQL does.
    static let epochOffset = 366.0 * 86400 * 1_000_000

    package func encode(into bytes: inout [UInt8]) throws(PostgresError) -> Bool {
        let microseconds = (timeIntervalSinceReferenceDate * 1_000_000).rounded() + Date.epochOffset
        // PostgreSQL's timestamps end in the year 294276; 9e18 lies just before.
        guard microseconds > -2e17, microseconds < 9e18 else {
            throw PostgresError(.invalidValue, "a time lies outside the years that PostgreSQL can store; correct it")
        }
        return Int64(microseconds).encode(into: &bytes)
    }
}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
    package static var postgresType: PostgresType { Wrapped.postgresType }
    package static var postgresArrayType: PostgresType { Wrapped.postgresArrayType }

    package func encode(into bytes: inout [UInt8]) throws(PostgresError) -> Bool {
        guard let self else { return false }
        return try self.encode(into: &bytes)
    }
}

/// A one-dimensional array; arrays of arrays are refused by the server.
extension Array: PostgresEncodable where Element: PostgresEncodable {
    package static var postgresType: PostgresType { Element.postgresArrayType }
    package static var postgresArrayType: PostgresType { Element.postgresArrayType }

    /// Form (`array_recv`): dimensions, has-null flag, element type, length, lower bound, then length and bytes of each.
    package func encode(into bytes: inout [UInt8]) throws(PostgresError) -> Bool {
        bytes.append(bigEndian: Int32(isEmpty ? 0 : 1))
        bytes.append(bigEndian: Int32(1))
        bytes.append(bigEndian: Element.postgresType.rawValue)
        guard !isEmpty else { return true }
        bytes.append(bigEndian: Int32(count))
        bytes.append(bigEndian: Int32(1))
        for element in self {
            let start = bytes.count
            bytes.append(bigEndian: Int32(-1))
            guard try element.encode(into: &bytes) else { continue }
            bytes.replace(bigEndian: Int32(bytes.count - start - 4), at: start)
        }
        return true
    }
}

extension [UInt8] {
    mutating func append(bigEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }

    mutating func replace(bigEndian value: Int32, at start: Int) {
        Swift.withUnsafeBytes(of: value.bigEndian) { for (i, byte) in $0.enumerated() { self[start + i] = byte } }
    }
}
