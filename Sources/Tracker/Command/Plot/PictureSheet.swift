import Foundation

/// Pictures in rows and columns with their titles.
struct PictureSheet {
    var title: String
    /// What tells rows and columns apart, as `subset, masking`.
    var rowKeys: String
    var columnKeys: String
    var rows: [String]
    var columns: [String]
    /// PNG files by row and column; nil where there is none.
    var cells: [[PNG?]]

    private static let cellWidth = 128.0
    private static let gap = 8.0
    private static let margin = 24.0

    func svg() -> String {
        let cellHeight = Self.cellWidth * aspect
        let rowTitleWidth = (rows + [rowKeys]).map { SVG.width(of: $0, size: 13) }.max() ?? 0
        let left = Self.margin + rowTitleWidth + 16
        let top = 104.0
        func x(_ column: Int) -> Double { left + Double(column) * (Self.cellWidth + Self.gap) }
        func y(_ row: Int) -> Double { top + Double(row) * (cellHeight + Self.gap) }

        var elements = [
            SVG.text(title, x: Self.margin, y: 32, size: 18, weight: "600"),
            SVG.text(columnKeys, x: left, y: 68, size: 13, weight: "600"),
            SVG.text(rowKeys, x: Self.margin, y: 92, size: 13, weight: "600"),
        ]
        elements += columns.indices.map { column in
            SVG.text(columns[column], x: x(column) + Self.cellWidth / 2, y: 92, size: 13, anchor: "middle")
        }
        for row in rows.indices {
            elements.append(SVG.text(rows[row], x: Self.margin, y: y(row) + cellHeight / 2 + 4, size: 13))
            for column in columns.indices {
                elements.append(picture(cells[row][column], x: x(column), y: y(row), height: cellHeight))
            }
        }
        return SVG.document(
            width: max(x(columns.count) - Self.gap + Self.margin, SVG.width(of: title, size: 18) + 2 * Self.margin),
            height: y(rows.count) - Self.gap + Self.margin, title: title, elements)
    }

    private func picture(_ png: PNG?, x: Double, y: Double, height: Double) -> String {
        guard let png else {
            return SVG.rectangle(x: x, y: y, width: Self.cellWidth, height: height, colour: Palette.missing)
        }
        return SVG.element(
            "image",
            [
                "x": SVG.number(x), "y": SVG.number(y), "width": SVG.number(Self.cellWidth),
                "height": SVG.number(height), "style": "image-rendering: pixelated",
                "href": "data:image/png;base64,\(Data(png.bytes).base64EncodedString())",
            ])
    }

    /// Height over width of the first picture; the others are fitted in.
    private var aspect: Double {
        guard let first = cells.joined().compactMap({ $0 }).first else { return 1 }
        return min(4, max(0.25, Double(first.height) / Double(first.width)))
    }
}
