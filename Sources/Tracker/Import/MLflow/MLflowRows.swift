import TrackerStore

/// Metrics that MLflow keeps one by one, put together again as rows: what has the same time and step was logged at once.
struct MLflowRows {
    private struct Point {
        let metric: String
        let point: MLflowPoint
    }

    private var points: [Point] = []

    mutating func add(_ history: [MLflowPoint], of metric: String) {
        points += history.map { Point(metric: metric, point: $0) }
    }

    /// By time and step; a metric that occurs twice at a time and step makes a second row.
    func rows() -> [ClientRows.Row] {
        let order = points.indices.sorted {
            let (a, b) = (points[$0].point, points[$1].point)
            return (a.time, a.step, $0) < (b.time, b.step, $1)
        }
        var rows: [ClientRows.Row] = []
        // Rows of the current time and step begin here.
        var start = 0
        for index in order {
            let (metric, point) = (points[index].metric, points[index].point)
            let time = point.time.multipliedReportingOverflow(by: 1000)
            let microseconds = time.overflow || !HistoryLimits.times.contains(time.partialValue) ? 0 : time.partialValue
            if start < rows.count, rows[start].step != point.step || rows[start].time != microseconds {
                start = rows.count
            }
            let free = rows.indices[start...].first { rows[$0].values[metric] == nil }
            if let free {
                rows[free].values[metric] = point.value
            } else {
                rows.append(
                    ClientRows.Row(step: point.step, time: microseconds, values: [metric: point.value], others: [:]))
            }
        }
        return rows
    }
}
