/// Reads JSON as it comes from the world: also the bare `NaN`, `Infinity` and `-Infinity` that Python writes.
///
/// Nothing is rounded: an integer that neither Int64 nor a float64 holds exactly becomes a string of its digits. Of
/// keys that occur twice the last counts. NUL, which PostgreSQL cannot store, and halves of surrogate pairs become
/// U+FFFD.
package struct JSONParser {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let maximumDepth: Int
    private var position = 0

    /// Levels of arrays and objects that are followed.
    package static let defaultDepth = 128

    package static func parse(_ bytes: [UInt8], maximumDepth: Int = defaultDepth) throws(JSONParseError) -> JSONValue {
        // A typed throw does not pass through the closure.
        let result: Result<JSONValue, JSONParseError> = bytes.withUnsafeBufferPointer { buffer in
            var parser = JSONParser(bytes: buffer, maximumDepth: maximumDepth)
            do throws(JSONParseError) { return .success(try parser.document()) } catch { return .failure(error) }
        }
        return try result.get()
    }

    package static func parse(_ text: String, maximumDepth: Int = defaultDepth) throws(JSONParseError) -> JSONValue {
        try parse(Array(text.utf8), maximumDepth: maximumDepth)
    }

    private init(bytes: UnsafeBufferPointer<UInt8>, maximumDepth: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    private mutating func document() throws(JSONParseError) -> JSONValue {
        let value = try value(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw error("something follows the value") }
        return value
    }

    private mutating func value(depth: Int) throws(JSONParseError) -> JSONValue {
        skipSpace()
        switch peek {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "N"): return try word("NaN", .double(.nan))
        case UInt8(ascii: "I"): return try word("Infinity", .double(.infinity))
        case nil: throw error("a value is missing")
        default: return try number()
        }
    }

    private mutating func object(depth: Int) throws(JSONParseError) -> JSONValue {
        try enter(depth)
        var members: [String: JSONValue] = [:]
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object(members) }
        repeat {
            skipSpace()
            guard peek == UInt8(ascii: "\"") else { throw error("a key is missing") }
            let key = try string()
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw error("':' is missing") }
            members[key] = try value(depth: depth + 1)
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw error("'}' is missing") }
        return .object(members)
    }

    private mutating func array(depth: Int) throws(JSONParseError) -> JSONValue {
        try enter(depth)
        var elements: [JSONValue] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return .array(elements) }
        repeat {
            elements.append(try value(depth: depth + 1))
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw error("']' is missing") }
        return .array(elements)
    }

    private mutating func enter(_ depth: Int) throws(JSONParseError) {
        guard depth < maximumDepth else { throw error("nested deeper than \(maximumDepth)") }
        position += 1
    }

    private mutating func word(_ text: StaticString, _ value: JSONValue) throws(JSONParseError) -> JSONValue {
        for offset in 0..<text.utf8CodeUnitCount {
            guard take(text.utf8Start[offset]) else { throw error("a word that JSON does not have") }
        }
        return value
    }
}

// MARK: Numbers

extension JSONParser {
    private mutating func number() throws(JSONParseError) -> JSONValue {
        let start = position
        let isNegative = take(UInt8(ascii: "-"))
        if isNegative, peek == UInt8(ascii: "I") { return try word("Infinity", .double(-.infinity)) }
        let digits = position
        var isInteger = true
        var small: Int64 = 0
        scan: while let byte = peek {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): small = small &* 10 &+ Int64(byte &- UInt8(ascii: "0"))
            case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"), UInt8(ascii: "-"):
                isInteger = false
            default: break scan
            }
            position += 1
        }
        guard position > digits, bytes[digits] != UInt8(ascii: "+") else { throw error("a value is missing") }
        if isInteger, position - digits <= 18, small != 0 || !isNegative { return .int(isNegative ? -small : small) }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard let nearest = Double(text) else { throw error("a number that JSON does not have") }
        guard isInteger, nearest != 0 else { return .double(nearest) }
        if let exact = Int64(text) { return .int(exact) }
        return Int128(text).map { $0 == Int128(exactly: nearest) } == true ? .double(nearest) : .string(text)
    }
}

// MARK: Strings

extension JSONParser {
    private mutating func string() throws(JSONParseError) -> String {
        position += 1
        let start = position
        while let byte = peek, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte != 0 { position += 1 }
        if peek == UInt8(ascii: "\"") {
            defer { position += 1 }
            return String(decoding: bytes[start..<position], as: UTF8.self)
        }
        var text = Array(bytes[start..<position])
        while let byte = peek {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 0: text.append(contentsOf: Self.replacement)
            default: text.append(byte)
            }
        }
        throw error("a text does not end")
    }

    private static let replacement = Array("\u{FFFD}".utf8)

    private mutating func escape(into text: inout [UInt8]) throws(JSONParseError) {
        guard let byte = peek else { throw error("a text does not end") }
        position += 1
        switch byte {
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "u"):
            var code = UInt32(try codeUnit())
            if 0xD800..<0xDC00 ~= code, peek == UInt8(ascii: "\\"), position + 1 < bytes.count,
                bytes[position + 1] == UInt8(ascii: "u")
            {
                let back = position
                position += 2
                let low = UInt32(try codeUnit())
                if 0xDC00..<0xE000 ~= low {
                    code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
                } else {
                    position = back
                }
            }
            let scalar = code == 0 ? nil : Unicode.Scalar(code)
            text.append(contentsOf: scalar.map { Array(String($0).utf8) } ?? Self.replacement)
        default: throw error("'\\' before a character that needs none")
        }
    }

    private mutating func codeUnit() throws(JSONParseError) -> UInt16 {
        guard position + 4 <= bytes.count,
            let unit = UInt16(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
        else { throw error("'\\u' without four hexadecimal digits") }
        position += 4
        return unit
    }
}

// MARK: Bytes

extension JSONParser {
    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private func error(_ what: String) -> JSONParseError { JSONParseError(what: what, offset: position) }
}
