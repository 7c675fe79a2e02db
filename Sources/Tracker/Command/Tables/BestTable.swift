import Output
import Experiment
import TrackerStore

/// A ranking as rows.
enum BestTable {
    static func table(_ rows: [BestRow], metric: String) -> Table {
        let keys = Set(rows.flatMap(\.config.keys)).sorted()
        return Table(
            columns: ["rank", metric, "std", "runs"] + keys + ["run", "name"],
            rows: rows.map { row in
                [
                    .integer(Int64(row.rank)), .number(row.value), .init(row.standardDeviation),
                    .integer(Int64(row.count)),
                ]
                    + keys.map { .init(row.config[$0]) } + [.text(row.run.rawValue), .text(row.name)]
            })
    }
}
