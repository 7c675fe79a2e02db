import Experiment

/// Adds values to a list within a YAML text, before those that are there: what a parser tells of a value is where it
/// begins.
struct YAMLEdit {
    let text: String
    /// `values` with its list, or `value`, which becomes a list.
    let entry: YAMLValue.Entry

    /// What the text may become, the likeliest first; whoever asked looks which of them is right.
    func adding(_ values: [JSONValue]) -> [String] {
        guard let start = index(of: entry.value.position), start < text.endIndex else { return [] }
        let words = values.map(YAMLEdit.word)
        guard entry.key == "values" else { return constant(words, from: start) }
        if text[start] == "[" {
            let after = text.unicodeScalars.index(after: start)
            return [text[..<after] + words.joined(separator: ", ") + ", " + text[after...]]
        }
        let indent = String(repeating: " ", count: entry.value.position.column - 1)
        return [text[..<start] + words.map { "- \($0)\n\(indent)" }.joined() + text[start...]].map { String($0) }
    }

    /// `value: x` as `values: [new, x]`.
    private func constant(_ words: [String], from start: String.Index) -> [String] {
        guard let key = index(of: entry.keyPosition), text[key...].hasPrefix("value") else { return [] }
        let afterKey = text.unicodeScalars.index(key, offsetBy: 5)
        return ends(of: start).map { end in
            text[..<afterKey] + "s" + text[afterKey..<start] + "[\(words.joined(separator: ", ")), "
                + text[start..<end] + "]" + text[end...]
        }
    }

    /// JSON is YAML, and leaves no question of quoting; but numbers with a fraction keep it.
    private static func word(_ value: JSONValue) -> String {
        guard case .double(let number) = value else { return value.textWithFractions }
        if number.isNaN { return ".nan" }
        if number.isInfinite { return number > 0 ? ".inf" : "-.inf" }
        return number.description
    }

    /// Where a scalar may end: at its closing quote, else where a flow ends it or the line does.
    private func ends(of start: String.Index) -> [String.Index] {
        let rest = text[start...]
        if let quote = rest.first, quote == "\"" || quote == "'" {
            return rest.indices.dropFirst().filter { text[$0] == quote }.map { text.index(after: $0) }
        }
        let line = rest.firstIndex(where: \.isNewline) ?? text.endIndex
        let comment = text[start..<line].firstRange(of: " #")?.lowerBound ?? line
        let flow = text[start..<comment].firstIndex { ",}]".contains($0) }
        return [flow, comment].compactMap(\.self).map { end in
            var end = end
            while end > start, text[text.index(before: end)].isWhitespace { end = text.index(before: end) }
            return end
        }
    }

    /// Lines and columns count from 1, columns in Unicode scalars.
    private func index(of position: SourcePosition) -> String.Index? {
        var line = 1
        var index = text.unicodeScalars.startIndex
        while line < position.line {
            guard let end = text.unicodeScalars[index...].firstIndex(of: "\n") else { return nil }
            index = text.unicodeScalars.index(after: end)
            line += 1
        }
        return text.unicodeScalars.index(index, offsetBy: position.column - 1, limitedBy: text.endIndex)
    }
}
