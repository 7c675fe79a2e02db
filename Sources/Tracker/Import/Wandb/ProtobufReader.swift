/// The fields of one message in protocol buffers' wire format, one by one; ends at what cannot be read.
struct ProtobufReader: Sequence, IteratorProtocol {
    struct Field {
        let number: Int
        /// A varint, or the 8 or 4 bytes of a fixed number.
        let integer: UInt64
        /// Of a string, a message or packed numbers.
        let bytes: ArraySlice<UInt8>

        var text: String { String(decoding: bytes, as: UTF8.self) }
        var fields: ProtobufReader { ProtobufReader(bytes) }
        var int: Int64 { Int64(bitPattern: integer) }
        /// A `sint64`, which alternates between the signs.
        var zigzag: Int64 { Int64(bitPattern: (integer >> 1) ^ (0 &- (integer & 1))) }
        var double: Double { Double(bitPattern: integer) }
        var bool: Bool { integer != 0 }
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    mutating func next() -> Field? {
        guard let tag = varint() else { return nil }
        let number = Int(truncatingIfNeeded: tag >> 3)
        switch tag & 7 {
        case 0: return varint().map { Field(number: number, integer: $0, bytes: []) }
        case 1: return fixed(8).map { Field(number: number, integer: $0, bytes: []) }
        case 2:
            guard let length = varint(), length <= UInt64(rest.count) else { return nil }
            let bytes = rest.prefix(Int(length))
            rest = rest.dropFirst(Int(length))
            return Field(number: number, integer: 0, bytes: bytes)
        case 5: return fixed(4).map { Field(number: number, integer: $0, bytes: []) }
        default: return nil
        }
    }

    private mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
        }
        return nil
    }

    private mutating func fixed(_ count: Int) -> UInt64? {
        guard rest.count >= count else { return nil }
        let value = rest.prefix(count).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        rest = rest.dropFirst(count)
        return value
    }
}
