package import Experiment

/// Names that clients give to files, any text at all, as paths that are safe in a folder and in an address.
///
/// Bytes that ``RelativePath`` does not allow become `=XX`, as in `=2E=2E/x` for `../x`, and come back from that.
package enum BlobName {
    /// Nil for a name that is too long to have a place of its own.
    package static func path(_ name: String) -> RelativePath? {
        RelativePath(name.split(separator: "/", omittingEmptySubsequences: false).map(escaped).joined(separator: "/"))
    }

    private static func escaped(_ part: Substring) -> String {
        // Nothing is no name; a lone mark is, and comes back as nothing.
        if part.isEmpty { return "=" }
        let bytes = Array(part.utf8)
        var text = ""
        for (index, byte) in bytes.enumerated() {
            if isPlain(byte, at: index, of: bytes) {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                text += digits.count == 1 ? "=0\(digits)" : "=\(digits)"
            }
        }
        return text
    }

    private static func isPlain(_ byte: UInt8, at index: Int, of bytes: [UInt8]) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "."): index > 0
        case UInt8(ascii: "="): bytes.count > 1 && !isEscape(bytes, at: index)
        default: " _-+,@()".utf8.contains(byte)
        }
    }

    package static func name(_ path: String) -> String {
        path.split(separator: "/", omittingEmptySubsequences: false).map { part in
            if part == "=" { return "" }
            let bytes = Array(part.utf8)
            var name: [UInt8] = []
            var index = 0
            while index < bytes.count {
                if isEscape(bytes, at: index) {
                    name.append(hexDigit(bytes[index + 1]) << 4 | hexDigit(bytes[index + 2]))
                    index += 3
                } else {
                    name.append(bytes[index])
                    index += 1
                }
            }
            return String(decoding: name, as: UTF8.self)
        }.joined(separator: "/")
    }

    private static func isEscape(_ bytes: [UInt8], at index: Int) -> Bool {
        bytes[index] == UInt8(ascii: "=") && index + 2 < bytes.count && isHexDigit(bytes[index + 1])
            && isHexDigit(bytes[index + 2])
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool { "0123456789ABCDEF".utf8.contains(byte) }

    private static func hexDigit(_ byte: UInt8) -> UInt8 { byte <= UInt8(ascii: "9") ? byte - 48 : byte - 55 }
}
