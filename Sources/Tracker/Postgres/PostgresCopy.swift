/// Rows for `copy ... from stdin (format binary)`: many rows in one exchange, without a plan for each.
package struct PostgresCopy: Sendable {
    /// Signature, flags and length of the extension (PostgreSQL manual, "COPY", binary format).
    private var bytes: [UInt8] =
        Array("PGCOPY\n".utf8) + [0xff, 0x0d, 0x0a, 0x00, 0, 0, 0, 0, 0, 0, 0, 0]
    package private(set) var rows = 0

    package init() {}

    /// Begins a row; exactly `columns` values must follow.
    package mutating func beginRow(columns: Int16) {
        bytes.append(bigEndian: columns)
        rows += 1
    }

    package mutating func append(_ value: Bool) {
        bytes.append(bigEndian: Int32(1))
        bytes.append(value ? 1 : 0)
    }

    package mutating func append<Value: PackedElement>(_ value: Value?) {
        guard let value else { return appendNull() }
        bytes.append(bigEndian: Int32(MemoryLayout<Value.Bits>.size))
        bytes.append(bigEndian: value.packedBits)
    }

    /// As `text` or `json`.
    package mutating func append(_ text: String) {
        bytes.append(bigEndian: Int32(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    /// A time in microseconds since 1970, as `timestamptz`.
    package mutating func append(microseconds: Int64) {
        append(microseconds &- Self.epoch)
    }

    /// Of at least one element.
    package mutating func append<Element: PackedElement>(array: [Element]?) {
        guard let array else { return appendNull() }
        Element.pack(array, into: &bytes)
    }

    package mutating func appendNull() { bytes.append(bigEndian: Int32(-1)) }

    /// The whole stream, with its end mark.
    func finished() -> [UInt8] { bytes + [0xff, 0xff] }

    /// 2000-01-01, where PostgreSQL counts from.
    package static let epoch: Int64 = 946_684_800_000_000
}
