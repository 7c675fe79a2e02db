/// A table for people: columns aligned, numbers to the right, long texts cut where the terminal is narrow.
package struct TextTable {
    /// Columns of the terminal; nil for as wide as it gets.
    package var width: Int?
    /// Whether the head may be bold.
    package var isStyled: Bool

    package init(width: Int?, isStyled: Bool = false) {
        self.width = width
        self.isStyled = isStyled
    }

    private static let gap = 2
    private static let narrowest = 6

    package func text(_ table: Table) -> String {
        let cells = table.rows.map { $0.map(Self.text) }
        let isNumeric = table.columns.indices.map { column in
            table.rows.contains { Self.isNumber($0[column]) }
                && table.rows.allSatisfy { Self.isNumber($0[column]) || $0[column] == .empty }
        }
        let head = table.columns.map(Terminal.printable)
        let widths = fitted(
            head.indices.map { column in ([head] + cells).map { $0[column].count }.max() ?? 0 }, isNumeric: isNumeric)
        func line(_ texts: [String]) -> String {
            let padded = texts.indices.map { Self.pad(texts[$0], to: widths[$0], right: isNumeric[$0]) }
            let line = padded.joined(separator: String(repeating: " ", count: Self.gap))
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
        let title = isStyled ? "\u{1b}[1m\(line(head))\u{1b}[0m" : line(head)
        return ([title] + cells.map(line)).joined(separator: "\n")
    }

    /// Takes from the widest column of texts until the line fits.
    private func fitted(_ natural: [Int], isNumeric: [Bool]) -> [Int] {
        guard let width else { return natural }
        var widths = natural
        while widths.reduce(Self.gap * (widths.count - 1), +) > width {
            guard
                let widest = widths.indices.filter({ !isNumeric[$0] && widths[$0] > Self.narrowest })
                    .max(by: { widths[$0] < widths[$1] })
            else { break }
            widths[widest] -= 1
        }
        return widths
    }

    private static func pad(_ text: String, to width: Int, right: Bool) -> String {
        guard text.count <= width else { return text.prefix(width - 1) + "…" }
        let space = String(repeating: " ", count: width - text.count)
        return right ? space + text : text + space
    }

    private static func text(_ cell: Table.Cell) -> String {
        switch cell {
        case .empty: ""
        case .text(let text): Terminal.printable(text)
        case .integer(let number): "\(number)"
        case .number(let number): NumberText.short(number)
        }
    }

    private static func isNumber(_ cell: Table.Cell) -> Bool {
        switch cell {
        case .integer, .number: true
        case .empty, .text: false
        }
    }
}
