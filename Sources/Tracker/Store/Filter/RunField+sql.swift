import Postgres

extension RunField {
    /// The field of `runs r`, as jsonb for keys of the config and the summary.
    ///
    /// Clients keep structures whole or flattened, with dots in the key, and W&B's filters may put `.value` behind a
    /// config key or its first part: the first spelling that a run has counts.
    var sql: PostgresQuery {
        switch self {
        case .column(let column): column.sql
        case .config(let path): RunField.lookUp("r.config", RunField.spellings(path))
        case .summary(let path):
            """
            coalesce((
                select to_jsonb(coalesce(s.summary, s.last)) from series s
                where s.run = r.number and s.stream = 0 and s.metric = \(RunField.metric(path))
            ), \(RunField.lookUp("r.summary", [path])))
            """
        }
    }

    /// Id of the metric whose last value is the summary's under that name.
    static func metric(_ path: [String]) -> PostgresQuery {
        "(select id from metrics where name = \(path.joined(separator: ".")))"
    }

    private static func spellings(_ path: [String]) -> [[String]] {
        var spellings = [path]
        if path.count > 1, path[1] == "value" { spellings.append([path[0]] + path.dropFirst(2)) }
        if path.count > 2, path.last == "value" { spellings.append(path.dropLast()) }
        return spellings
    }

    static func lookUp(_ document: PostgresQuery, _ paths: [[String]]) -> PostgresQuery {
        var reads: [PostgresQuery] = []
        for path in paths {
            reads.append("\(document) -> \(path.joined(separator: "."))")
            if path.count > 1 { reads.append("\(document) #> \(path)") }
        }
        return reads.count == 1 ? "(\(reads[0]))" : "coalesce(\(reads.joined(separator: ", ")))"
    }
}

extension [PostgresQuery] {
    func joined(separator: PostgresQuery) -> PostgresQuery {
        guard let first else { return "" }
        return dropFirst().reduce(first) { "\($0)\(separator)\($1)" }
    }
}
