import Output
import TrackerStore

/// Curves as rows.
enum CompareTable {
    /// Every point of every curve.
    static func complete(_ points: [CurvePoint], query: CompareQuery) -> Table {
        Table(
            columns: ["metric"] + query.by + [query.axis.rawValue, "mean", "std", "runs", "baseline", "difference"],
            rows: points.map { point in
                [.text(point.metric)] + point.keys.map(Table.Cell.text) + [
                    .number(point.x), .number(point.mean), .init(point.standardDeviation),
                    .integer(Int64(point.count)), .init(point.baseline), .init(point.difference),
                ]
            })
    }

    /// The last point of each curve.
    static func ends(_ points: [CurvePoint], query: CompareQuery) -> Table {
        var last: [[String]: CurvePoint] = [:]
        var order: [[String]] = []
        for point in points {
            let curve = [point.metric] + point.keys
            if last[curve] == nil { order.append(curve) }
            if point.x >= last[curve]?.x ?? point.x { last[curve] = point }
        }
        var table = complete(order.compactMap { last[$0] }, query: query)
        if query.baseline.isEmpty {
            table.columns.removeLast(2)
            for row in table.rows.indices { table.rows[row].removeLast(2) }
        }
        return table
    }
}
