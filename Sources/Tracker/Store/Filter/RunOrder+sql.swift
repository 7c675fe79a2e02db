import Postgres

extension RunOrder {
    /// What follows `from runs r`: the values to sort by. Those of metrics are joined, since to look each run's up takes
    /// several times as long.
    var joins: PostgresQuery {
        terms.indices.map { place -> PostgresQuery in
            switch terms[place].field {
            case .column: ""
            // Read once a run and not once for each time that it is mentioned (that is what "offset 0" is for).
            case .config: "cross join lateral (select \(terms[place].field.sql) as value offset 0) \(alias(place))"
            case .summary(let path):
                """
                left join (
                    select run, coalesce(summary, last) as last from series
                    where stream = 0 and metric = \(RunField.metric(path))
                ) \(alias(place)) on \(alias(place)).run = r.number
                """
            }
        }.joined(separator: " ")
    }

    /// What follows `order by`.
    var sql: PostgresQuery {
        let keys = terms.indices.flatMap { place -> [PostgresQuery] in
            let direction: PostgresQuery = terms[place].ascending ? "asc nulls last" : "desc nulls last"
            switch terms[place].field {
            case .column(let column): return ["\(column.sql) \(direction)"]
            case .config:
                let value: PostgresQuery = "\(alias(place)).value"
                return ["\(Self.number(value)) \(direction)", "\(Self.other(value)) \(direction)"]
            case .summary(let path):
                let value = RunField.lookUp("f.summary", [path])
                let number: PostgresQuery = """
                    nullif(coalesce(\(alias(place)).last, \(Self.ofSummary(Self.number(value)))), 'NaN')
                    """
                let other: PostgresQuery = """
                    case when \(number) is null then
                        coalesce(to_jsonb(\(alias(place)).last), \(Self.ofSummary(Self.other(value)))) end
                    """
                return ["\(number) \(direction)", "\(other) \(direction)"]
            }
        }
        return (keys + [isAscending ? "r.number" : "r.number desc"]).joined(separator: ", ")
    }

    private func alias(_ place: Int) -> PostgresQuery { "\(unsafeSQL: "o\(place)")" }

    /// Looked up for the runs that have not logged the metric, so that not every run's summary goes through the join.
    private static func ofSummary(_ value: PostgresQuery) -> PostgresQuery {
        "(select \(value) from runs f where f.number = r.number)"
    }

    private static func number(_ value: PostgresQuery) -> PostgresQuery {
        "case when jsonb_typeof(\(value)) = 'number' then (\(value))::float8 end"
    }

    /// What is no number: these sort after the numbers, by text.
    private static func other(_ value: PostgresQuery) -> PostgresQuery {
        "case when jsonb_typeof(\(value)) not in ('number', 'null') then \(value) end"
    }
}
