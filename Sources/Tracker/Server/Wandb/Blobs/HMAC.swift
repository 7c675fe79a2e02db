import Experiment

/// HMAC-SHA256 (RFC 2104).
enum HMAC {
    /// 64 hexadecimal digits.
    static func hex(_ message: String, key: [UInt8]) -> String {
        var block = key.count > 64 ? bytes(hex: SHA256.hex(key)) : key
        block += [UInt8](repeating: 0, count: 64 - block.count)
        let inner = bytes(hex: SHA256.hex(block.map { $0 ^ 0x36 } + Array(message.utf8)))
        return SHA256.hex(block.map { $0 ^ 0x5c } + inner)
    }

    /// Compares without telling by its time how much of the two is equal.
    static func isEqual(_ left: String, _ right: String) -> Bool {
        let (a, b) = (Array(left.utf8), Array(right.utf8))
        return a.count == b.count && zip(a, b).reduce(0) { $0 | $1.0 ^ $1.1 } == 0
    }

    private static func bytes(hex: String) -> [UInt8] {
        let digits = hex.utf8.map { $0 <= UInt8(ascii: "9") ? $0 - 48 : $0 - 87 }
        return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
