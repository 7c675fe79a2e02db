import Experiment
import FoundationEssentials
import Postgres

extension RunPredicate {
    /// The condition on `runs r`, true, false or null (which is false); every value is a parameter.
    func sql() throws(StoreError) -> PostgresQuery {
        switch self {
        case .all(let parts): return parts.isEmpty ? "true" : "(\(try Self.sql(parts).joined(separator: " and ")))"
        case .any(let parts): return parts.isEmpty ? "false" : "(\(try Self.sql(parts).joined(separator: " or ")))"
        case .not(let part): return "not coalesce(\(try part.sql()), false)"
        case .compare(let field, let comparison, let value): return try field.compared(comparison, value)
        case .isAmong(let field, let values): return try field.isAmong(values)
        case .matches(let field, let pattern): return field.matches(pattern)
        case .exists(let field):
            return field == .column(.tags) ? "cardinality(r.tags) > 0" : "\(field.sql) is not null"
        }
    }

    private static func sql(_ parts: [RunPredicate]) throws(StoreError) -> [PostgresQuery] {
        var conditions: [PostgresQuery] = []
        for part in parts { conditions.append(try part.sql()) }
        return conditions
    }
}

extension RunPredicate.Comparison {
    fileprivate var sql: PostgresQuery {
        switch self {
        case .less: "<"
        case .lessOrEqual: "<="
        case .greater: ">"
        case .greaterOrEqual: ">="
        }
    }
}

extension RunField {
    fileprivate func compared(
        _ comparison: RunPredicate.Comparison, _ value: JSONValue
    ) throws(StoreError) -> PostgresQuery {
        guard case .column(let column) = self else {
            // As jsonb, numbers are compared exactly, 2^53 + 1 too; only what is of one kind is compared.
            let kind: PostgresQuery
            switch value {
            case .int, .double: kind = "'number'"
            case .string: kind = "'string'"
            default: throw incomparable(value)
            }
            return "(jsonb_typeof(\(sql)) = \(kind) and \(sql) \(comparison.sql) \(json(value)))"
        }
        switch column.kind {
        case .text: return "\(sql) \(comparison.sql) \(value.label)"
        case .time: return "\(sql) \(comparison.sql) \(try time(value))"
        case .number: return "\(sql) \(comparison.sql) \(try number(value))"
        case .tags: throw incomparable(value)
        }
    }

    fileprivate func isAmong(_ values: [JSONValue]) throws(StoreError) -> PostgresQuery {
        let present = values.filter { $0 != .null }
        var conditions: [PostgresQuery] = []
        if !present.isEmpty { conditions.append(try isAmong(present: present)) }
        if present.count < values.count {
            if case .column(let column) = self {
                conditions.append(column.kind == .tags ? "cardinality(r.tags) = 0" : "\(sql) is null")
            } else {
                conditions.append("coalesce(\(sql), 'null') = 'null'")
            }
        }
        return conditions.isEmpty ? "false" : "(\(conditions.joined(separator: " or ")))"
    }

    private func isAmong(present values: [JSONValue]) throws(StoreError) -> PostgresQuery {
        guard case .column(let column) = self else {
            let inList: PostgresQuery = """
                (jsonb_typeof(\(sql)) = 'array' and exists (
                    select from jsonb_array_elements(\(sql)) e where e = any(\(values.map(json)))))
                """
            return "(\(sql) = any(\(values.map(json))) or \(inList))"
        }
        switch column.kind {
        case .text: return "\(sql) = any(\(values.map(\.label)))"
        case .tags:
            if case .array(let tags)? = values.first, values.count == 1 {
                return "r.tags @> \(tags.map(\.label)) and r.tags <@ \(tags.map(\.label))"
            }
            return "r.tags && \(values.map(\.label))"
        case .time:
            var times: [Date] = []
            for value in values { times.append(try time(value)) }
            return "\(sql) = any(\(times))"
        case .number:
            var numbers: [Double] = []
            for value in values { numbers.append(try number(value)) }
            return "\(sql) = any(\(numbers))"
        }
    }

    fileprivate func matches(_ pattern: String) -> PostgresQuery {
        switch self {
        case .config, .summary: return "\(sql) #>> '{}' ~ \(pattern)"
        case .column(.tags): return "exists (select from unnest(r.tags) t where t ~ \(pattern))"
        case .column: return "\(sql)::text ~ \(pattern)"
        }
    }

    private func json(_ value: JSONValue) -> PostgresJSON { PostgresJSON(text: value.text) }

    private func number(_ value: JSONValue) throws(StoreError) -> Double {
        guard let number = value.number else { throw incomparable(value) }
        return number
    }

    /// ISO 8601, with or without a time, UTC where no zone is given; or seconds since 1970.
    private func time(_ value: JSONValue) throws(StoreError) -> Date {
        if let seconds = value.number { return Date(timeIntervalSince1970: seconds) }
        guard case .string(let text) = value else { throw incomparable(value) }
        var full = text.replacing(" ", with: "T")
        if !full.contains("T") { full += "T00:00:00" }
        let clock = full.drop { $0 != "T" }
        if !clock.contains(where: { $0 == "Z" || $0 == "+" || $0 == "-" }) { full += "Z" }
        for style in [Date.ISO8601FormatStyle(), Date.ISO8601FormatStyle(includingFractionalSeconds: true)] {
            if let date = try? style.parse(full) { return date }
        }
        throw StoreError(.invalidQuery, "'\(text.prefix(40))' is not a time; write it as 2026-01-31T12:00:00Z")
    }

    private func incomparable(_ value: JSONValue) -> StoreError {
        StoreError(.invalidQuery, "\(words) cannot be compared with \(value.text.prefix(40))")
    }

    private var words: String {
        switch self {
        case .column(let column): column.rawValue
        case .config(let path): (["config"] + path).joined(separator: ".")
        case .summary(let path): (["summary_metrics"] + path).joined(separator: ".")
        }
    }
}
