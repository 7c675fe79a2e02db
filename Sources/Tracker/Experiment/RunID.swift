/// Names of runs: 8 characters of 0-9 and a-z when we make them, as W&B does; any safe name when a person chooses.
package struct RunID: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    package let rawValue: String

    /// Nil unless the name is 1 to 128 characters of letters, digits, `_`, `-` and `.`, not starting with a dot:
    /// run ids become folder names and parts of URLs.
    package init?(rawValue: String) {
        guard RunID.isSafe(rawValue) else { return nil }
        self.rawValue = rawValue
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = RunID(rawValue: text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "'\(text)' is not a run id: use letters, digits, '_', '-' and '.'")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }

    package var description: String { rawValue }

    package static func random() -> RunID {
        var generator = SystemRandomNumberGenerator()
        return random(using: &generator)
    }

    package static func random(using generator: inout some RandomNumberGenerator) -> RunID {
        let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyz")
        return RunID(unchecked: String((0..<8).map { _ in alphabet[Int.random(in: 0..<36, using: &generator)] }))
    }

    private init(unchecked: String) { rawValue = unchecked }

    private static func isSafe(_ text: String) -> Bool {
        guard (1...128).contains(text.utf8.count), text.first != "." else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
                true
            default: false
            }
        }
    }
}
