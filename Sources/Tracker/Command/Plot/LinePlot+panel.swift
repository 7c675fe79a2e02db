extension LinePlot.Panel {
    func svg(in frame: PanelFrame, styles: LinePlot.Styles) -> String {
        let points = series.flatMap(\.points).filter { $0.x.isFinite && $0.y.isFinite }
        let xScale = AxisScale(covering: points.map(\.x), ticks: 6, rounded: false)
        let yScale = AxisScale(
            covering: points.flatMap { [$0.y - ($0.deviation ?? 0), $0.y + ($0.deviation ?? 0)] }, ticks: 6,
            rounded: true)
        func x(_ value: Double) -> Double {
            frame.plotLeft + xScale.fraction(value) * (frame.plotRight - frame.plotLeft)
        }
        func y(_ value: Double) -> Double {
            frame.plotBottom - yScale.fraction(value) * (frame.plotBottom - frame.plotTop)
        }

        var elements = [SVG.text(title, x: frame.left, y: frame.top + 14, size: 14, weight: "600")]
        for tick in yScale.ticks {
            elements.append(SVG.line((frame.plotLeft, y(tick)), (frame.plotRight, y(tick)), colour: Palette.grid))
            elements.append(
                SVG.text(
                    yScale.label(tick), x: frame.plotLeft - 8, y: y(tick) + 4, anchor: "end", colour: Palette.paleInk))
        }
        for tick in xScale.ticks {
            elements.append(
                SVG.line((x(tick), frame.plotBottom), (x(tick), frame.plotBottom + 5), colour: Palette.axis))
            elements.append(
                SVG.text(
                    xScale.label(tick), x: x(tick), y: frame.plotBottom + 19, anchor: "middle", colour: Palette.paleInk)
            )
        }
        elements.append(
            SVG.line((frame.plotLeft, frame.plotBottom), (frame.plotRight, frame.plotBottom), colour: Palette.axis))
        elements.append(
            SVG.text(
                xLabel, x: (frame.plotLeft + frame.plotRight) / 2, y: frame.plotBottom + 38, anchor: "middle",
                colour: Palette.paleInk))
        if points.isEmpty {
            elements.append(
                SVG.text(
                    "no values", x: (frame.plotLeft + frame.plotRight) / 2, y: (frame.plotTop + frame.plotBottom) / 2,
                    size: 14, anchor: "middle", colour: Palette.paleInk))
        }
        let columns = Int(frame.plotRight - frame.plotLeft)
        let runs = series.map { series in
            (
                style: styles.entry(series.labels),
                runs: unbroken(series.points).map { thinned($0, columns: columns, scale: xScale) }
            )
        }
        for curve in runs {
            elements += curve.runs.compactMap { band($0, colour: curve.style.colour, x: x, y: y) }
        }
        for curve in runs {
            elements += curve.runs.map { line($0, style: curve.style, x: x, y: y) }
        }
        return elements.joined(separator: "\n")
    }

    private func line(
        _ points: [LinePlot.Point], style: LinePlot.Styles.Entry, x: (Double) -> Double, y: (Double) -> Double
    ) -> String {
        if points.count == 1 {
            return SVG.element(
                "circle",
                [
                    "cx": SVG.number(x(points[0].x)), "cy": SVG.number(y(points[0].y)), "r": "3", "fill": style.colour,
                ])
        }
        return SVG.element(
            "polyline",
            [
                "points": points.map { "\(SVG.number(x($0.x))),\(SVG.number(y($0.y)))" }.joined(separator: " "),
                "fill": "none", "stroke": style.colour, "stroke-width": "1.8", "stroke-linejoin": "round",
                "stroke-dasharray": style.dash,
            ])
    }

    private func band(
        _ points: [LinePlot.Point], colour: String, x: (Double) -> Double, y: (Double) -> Double
    ) -> String? {
        guard points.count > 1, points.contains(where: { $0.deviation ?? 0 > 0 }) else { return nil }
        let upper = points.map { (x($0.x), y($0.y + ($0.deviation ?? 0))) }
        let lower = points.reversed().map { (x($0.x), y($0.y - ($0.deviation ?? 0))) }
        return SVG.element(
            "polygon",
            [
                "points": (upper + lower).map { "\(SVG.number($0.0)),\(SVG.number($0.1))" }.joined(separator: " "),
                "fill": colour, "fill-opacity": "0.13",
            ])
    }

    /// Stretches of the curve between values that are no numbers.
    private func unbroken(_ points: [LinePlot.Point]) -> [[LinePlot.Point]] {
        points.split { !$0.x.isFinite || !$0.y.isFinite }.map(Array.init)
    }

    /// The first, lowest, highest and last point of each pixel column (M4, Jugel et al. 2014), which draw the same
    /// picture as all points.
    private func thinned(_ points: [LinePlot.Point], columns: Int, scale: AxisScale) -> [LinePlot.Point] {
        guard points.count > 4 * columns else { return points }
        let groups = Dictionary(grouping: points.indices) { Int(scale.fraction(points[$0].x) * Double(columns)) }
        return groups.values.flatMap { group in
            [
                group.first, group.min { points[$0].y < points[$1].y }, group.max { points[$0].y < points[$1].y },
                group.last,
            ].compactMap { $0 }
        }.reduce(into: Set<Int>()) { $0.insert($1) }.sorted().map { points[$0] }
    }
}
