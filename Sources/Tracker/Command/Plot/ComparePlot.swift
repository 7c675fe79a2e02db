import TrackerStore

/// Curves of a comparison as a picture, a panel for each metric.
enum ComparePlot {
    static func plot(_ points: [CurvePoint], query: CompareQuery) -> LinePlot {
        let panels = query.metrics.map { metric in
            let curves = Dictionary(grouping: points.filter { $0.metric == metric }, by: \.keys)
            let order = unique(points.map(\.keys)).filter { curves[$0] != nil }
            return LinePlot.Panel(
                title: metric, xLabel: label(query.axis),
                series: order.map { keys in
                    LinePlot.Series(
                        labels: keys,
                        points: (curves[keys] ?? []).map {
                            LinePlot.Point(x: $0.x, y: $0.mean, deviation: $0.standardDeviation)
                        })
                })
        }
        return LinePlot(title: query.sweep ?? query.project ?? "all runs", keys: query.by, panels: panels)
    }

    private static func label(_ axis: CompareQuery.Axis) -> String {
        switch axis {
        case .step: "step"
        case .tokens: "tokens seen (millions)"
        case .time: "seconds since the run's start"
        }
    }
}
