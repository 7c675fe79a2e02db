extension LinePlot {
    private static let margin = 24.0
    private static let panelGap = 28.0
    private static let titleHeight = 50.0
    private static let legendRow = 24.0

    func svg() -> String {
        let columns = max(1, min(panels.count, panels.count == 4 ? 2 : 3))
        let rows = max(1, (panels.count + columns - 1) / columns)
        let panelSize = columns == 1 ? (width: 860.0, height: 440.0) : (width: 520.0, height: 360.0)
        let width = 2 * Self.margin + Double(columns) * panelSize.width + Double(columns - 1) * Self.panelGap
        let panelsHeight = Double(rows) * panelSize.height + Double(rows - 1) * Self.panelGap

        let styles = Styles(keys: keys, labels: panels.flatMap { $0.series.map(\.labels) })
        let legend = legend(styles, width: width, top: Self.titleHeight + panelsHeight + 20)
        var elements = [SVG.text(title, x: Self.margin, y: 32, size: 18, weight: "600")]
        for (index, panel) in panels.enumerated() {
            let frame = PanelFrame(
                left: Self.margin + Double(index % columns) * (panelSize.width + Self.panelGap),
                top: Self.titleHeight + Double(index / columns) * (panelSize.height + Self.panelGap),
                width: panelSize.width, height: panelSize.height)
            elements.append(panel.svg(in: frame, styles: styles))
        }
        elements += legend.elements
        return SVG.document(width: width, height: legend.bottom + 14, title: title, elements)
    }

    /// Groups below one another, each with its title and as many lines as its entries need.
    private func legend(_ styles: Styles, width: Double, top: Double) -> (elements: [String], bottom: Double) {
        var elements: [String] = []
        var y = top
        let titleWidth = (styles.groups.map { SVG.width(of: $0.title, size: 13) }.max() ?? 0) + 20
        for group in styles.groups {
            elements.append(SVG.text(group.title, x: Self.margin, y: y + 4, size: 13, weight: "600"))
            var x = Self.margin + titleWidth
            for entry in group.entries {
                let entryWidth = 40 + SVG.width(of: entry.label, size: 13) + 24
                if x + entryWidth > width - Self.margin, x > Self.margin + titleWidth {
                    x = Self.margin + titleWidth
                    y += Self.legendRow
                }
                elements.append(SVG.line((x, y), (x + 32, y), colour: entry.colour, width: 2.5, dash: entry.dash))
                elements.append(SVG.text(entry.label, x: x + 40, y: y + 4, size: 13))
                x += entryWidth
            }
            y += Self.legendRow
        }
        return (elements, y)
    }
}
