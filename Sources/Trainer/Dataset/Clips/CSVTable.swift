/// Reads comma-separated values as RFC 4180 writes them: quoted fields, doubled quotes, any line end.
struct CSVTable: Sendable, Hashable {
    /// Rows of fields with the number of the line that each begins on, blank lines left out.
    let rows: [(line: Int, fields: [String])]

    init(_ text: String) {
        var rows: [(line: Int, fields: [String])] = []
        var fields: [String] = []
        var field = ""
        var isQuoted = false
        var (line, firstLine) = (1, 1)

        func endRow() {
            fields.append(field)
            if fields != [""] { rows.append((firstLine, fields)) }
            (fields, field) = ([], "")
        }
        // "\r\n" is one Character.
        var characters = text.hasPrefix("\u{FEFF}") ? text.dropFirst() : text[...]
        while let character = characters.popFirst() {
            switch character {
            case "\"" where isQuoted && characters.first == "\"":
                field.append("\"")
                characters.removeFirst()
            case "\"" where isQuoted: isQuoted = false
            case "\"" where field.isEmpty: isQuoted = true
            case "," where !isQuoted:
                fields.append(field)
                field = ""
            case let end where end.isNewline:
                line += 1
                if isQuoted {
                    field.append(end)
                } else {
                    endRow()
                    firstLine = line
                }
            default: field.append(character)
            }
        }
        endRow()
        self.rows = rows
    }

    static func == (left: CSVTable, right: CSVTable) -> Bool {
        left.rows.elementsEqual(right.rows) { $0.line == $1.line && $0.fields == $1.fields }
    }

    func hash(into hasher: inout Hasher) {
        for row in rows { hasher.combine(row.fields) }
    }
}
