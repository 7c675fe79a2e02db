import Experiment

enum Token: Hashable {
    case name(String)
    /// One of `! $ & ( ) ... : = @ [ ] { | }`.
    case mark(String)
    case number(JSONValue)
    case string(String)
    case end
}

/// Cuts a query's text into tokens (GraphQL specification, October 2021, section 2.1).
struct Lexer {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    mutating func next() throws(GraphQLError) -> Token {
        skipIgnored()
        guard let byte = peek() else { return .end }
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
            return .name(take(while: Self.isNameByte))
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): return .number(try number())
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "."):
            guard peek(1) == byte, peek(2) == byte else { throw error("a single '.'") }
            position += 3
            return .mark("...")
        default:
            guard "!$&():=@[]{|}".utf8.contains(byte) else { throw error("a character that GraphQL does not have") }
            position += 1
            return .mark(String(UnicodeScalar(byte)))
        }
    }

    /// Spaces, commas, comments and a byte order mark.
    private mutating func skipIgnored() {
        while let byte = peek() {
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ","), 0xEF, 0xBB, 0xBF: position += 1
            case UInt8(ascii: "#"):
                while let byte = peek(), byte != 0x0A, byte != 0x0D { position += 1 }
            default: return
            }
        }
    }

    private mutating func number() throws(GraphQLError) -> JSONValue {
        let text = take { Self.isNameByte($0) || "+-.".utf8.contains($0) }
        guard let value = try? JSONParser.parse(text), value.number != nil, value.number?.isFinite == true else {
            throw error("'\(text.prefix(40))' is no number")
        }
        return value
    }

    private mutating func string() throws(GraphQLError) -> String {
        if peek(1) == UInt8(ascii: "\""), peek(2) == UInt8(ascii: "\"") { return try blockString() }
        let start = position
        position += 1
        while let byte = peek(), byte != UInt8(ascii: "\""), byte != 0x0A {
            position += byte == UInt8(ascii: "\\") ? 2 : 1
        }
        guard peek() == UInt8(ascii: "\"") else { throw error("a text that does not end") }
        position += 1
        guard let text = (try? JSONParser.parse(Array(bytes[start..<position])))?.string else {
            throw error("a text with a wrong escape")
        }
        return text
    }

    private mutating func blockString() throws(GraphQLError) -> String {
        position += 3
        var text: [UInt8] = []
        while let byte = peek() {
            if isTripleQuote(at: position) {
                position += 3
                return BlockString.unindented(String(decoding: text, as: UTF8.self))
            }
            if byte == UInt8(ascii: "\\"), isTripleQuote(at: position + 1) {
                text.append(contentsOf: "\"\"\"".utf8)
                position += 4
            } else {
                text.append(byte)
                position += 1
            }
        }
        throw error("a text that does not end")
    }

    private func isTripleQuote(at start: Int) -> Bool {
        start + 3 <= bytes.count && bytes[start..<start + 3].allSatisfy { $0 == UInt8(ascii: "\"") }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    private mutating func take(while isPart: (UInt8) -> Bool) -> String {
        let start = position
        while let byte = peek(), isPart(byte) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private func peek(_ offset: Int = 0) -> UInt8? {
        position + offset < bytes.count ? bytes[position + offset] : nil
    }

    private func error(_ what: String) -> GraphQLError { .syntax("\(what), at byte \(position)") }
}

/// Texts between triple quotes: the common indentation and blank lines at both ends do not count (section 2.9.4).
enum BlockString {
    static func unindented(_ raw: String) -> String {
        let ends = raw.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
        var lines = ends.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let indent = lines.dropFirst().filter { !isBlank($0) }.map { $0.prefix(while: isSpace).count }.min() ?? 0
        for index in lines.indices.dropFirst() { lines[index] = String(lines[index].dropFirst(indent)) }
        while let first = lines.first, isBlank(first) { lines.removeFirst() }
        while let last = lines.last, isBlank(last) { lines.removeLast() }
        return lines.joined(separator: "\n")
    }

    private static func isSpace(_ character: Character) -> Bool { character == " " || character == "\t" }
    private static func isBlank(_ line: String) -> Bool { line.allSatisfy(isSpace) }
}
