/// The header of an entry of a tar archive (POSIX.1-1988 ustar, with pax records for long names).
enum TarHeader {
    static let blockSize = 512

    /// What an entry is, as far as we take it.
    struct Entry: Equatable {
        var name: String
        var size: Int
        /// `0` is a file, `x` holds pax records for the next entry.
        var type: UInt8
    }

    static func block(name: String, size: Int, type: UInt8 = UInt8(ascii: "0")) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: blockSize)
        func put(_ text: String, at offset: Int) {
            block.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
        }
        put(String(name.utf8.prefix(100).map { Character(Unicode.Scalar($0)) }), at: 0)
        put("0000600\0", at: 100)
        put("0000000\0", at: 108)
        put("0000000\0", at: 116)
        put(octal(size, digits: 11) + " ", at: 124)
        put(octal(0, digits: 11) + " ", at: 136)
        block[156] = type
        put("ustar\u{0}00", at: 257)
        for index in 148..<156 { block[index] = UInt8(ascii: " ") }
        put(octal(block.reduce(0) { $0 + Int($1) }, digits: 6) + "\0 ", at: 148)
        return block
    }

    /// `LENGTH path=NAME\n`, where LENGTH counts itself.
    static func paxRecord(path: String) -> [UInt8] {
        let rest = " path=\(path)\n".utf8.count
        var length = rest + 1
        while String(length).utf8.count + rest != length { length = String(length).utf8.count + rest }
        return Array("\(length) path=\(path)\n".utf8)
    }

    /// Nil for a block that is no header or whose checksum is wrong.
    static func parse(_ block: [UInt8]) -> Entry? {
        guard block.count == blockSize, let size = number(block[124..<136]), let checksum = number(block[148..<156])
        else { return nil }
        let sum = block.enumerated().reduce(0) { $0 + (148..<156 ~= $1.offset ? 32 : Int($1.element)) }
        guard sum == checksum, block[257..<262].elementsEqual("ustar".utf8), block[345] == 0 else { return nil }
        return Entry(
            name: String(decoding: block[0..<100].prefix { $0 != 0 }, as: UTF8.self), size: size, type: block[156])
    }

    /// The path of pax records that say nothing else; nil for any others.
    static func paxPath(_ records: [UInt8]) -> String? {
        let text = String(decoding: records, as: UTF8.self)
        guard let equals = text.firstRange(of: " path="), text.hasSuffix("\n") else { return nil }
        let path = String(text[equals.upperBound...].dropLast())
        return paxRecord(path: path) == records ? path : nil
    }

    static func padding(_ size: Int) -> Int { (blockSize - size % blockSize) % blockSize }

    private static func octal(_ value: Int, digits: Int) -> String {
        let text = String(value, radix: 8)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    private static func number(_ field: ArraySlice<UInt8>) -> Int? {
        let digits = field.drop { $0 == 32 }.prefix { $0 != 0 && $0 != 32 }
        guard !digits.isEmpty, digits.count <= 12 else { return nil }
        return Int(String(decoding: digits, as: UTF8.self), radix: 8).flatMap { $0 >= 0 ? $0 : nil }
    }
}
