package import Experiment
package import TrackerStore

/// A line of a client's history or events file as a row: nested dictionaries become dotted names.
///
/// Whatever comes is kept in some form, for a refusal would end the run's upload: what is no JSON as text, what is too
/// long cut with a word about it.
package enum HistoryLine {
    private static let metricLimit = HistoryLimits.metricsPerRow
    private static let nameLimit = 512
    private static let textLimit = 65_536
    /// Integers up to here are float64s exactly.
    private static let exactLimit: Int64 = 1 << 53

    /// `line`: its place in the file, from 0, the step where the row has none of its own.
    static func row(_ text: String, line: Int64) -> ClientRows.Row {
        guard let members = (try? JSONParser.parse(text))?.object else {
            return ClientRows.Row(step: line, time: nil, values: [:], others: ["_line": .string(cut(text))])
        }
        return row(members, line: line)
    }

    package static func row(_ members: [String: JSONValue], line: Int64) -> ClientRows.Row {
        var row = ClientRows.Row(step: line, time: nil, values: [:], others: [:])
        if let step = members["_step"]?.integer { row.step = step }
        if let time = members["_timestamp"]?.number { row.time = microseconds(time) }
        for (key, value) in members {
            switch key {
            case "_step" where value.integer != nil: break
            case "_timestamp" where row.time != nil: break
            default: add(value, key, to: &row)
            }
        }
        limit(&row)
        return row
    }

    private static func add(_ value: JSONValue, _ name: String, to row: inout ClientRows.Row) {
        switch value {
        case .double(let number): row.values[name] = number
        case .int(let number) where abs(number) <= exactLimit: row.values[name] = Double(number)
        case .object(let members) where members["_type"] == nil && !members.isEmpty:
            for (key, value) in members { add(value, "\(name).\(key)", to: &row) }
        default: row.others[name] = cut(value, depth: 0)
        }
    }

    /// Nil for a time that cannot be stored.
    private static func microseconds(_ seconds: Double) -> Int64? {
        guard let time = Int64(exactly: (seconds * 1_000_000).rounded()), HistoryLimits.times.contains(time) else {
            return nil
        }
        return time
    }

    private static func limit(_ row: inout ClientRows.Row) {
        for name in row.values.keys where name.utf8.count > nameLimit || name.isEmpty {
            row.values[shortName(name)] = row.values.removeValue(forKey: name)
        }
        for name in row.others.keys where name.utf8.count > nameLimit || name.isEmpty {
            row.others[shortName(name)] = row.others.removeValue(forKey: name)
        }
        let count = row.values.count + row.others.count
        guard count > metricLimit else { return }
        let names = (Array(row.values.keys) + row.others.keys).sorted().dropFirst(metricLimit - 1)
        for name in names {
            row.values[name] = nil
            row.others[name] = nil
        }
        row.others["_dropped"] = .string("\(names.count) of \(count) values: a row may have \(metricLimit)")
    }

    /// Two long names that begin alike stay two.
    private static func shortName(_ name: String) -> String {
        name.isEmpty ? "_" : "\(prefix(name, nameLimit - 80))…\(SHA256.hex(name).prefix(16))"
    }

    private static func cut(_ value: JSONValue, depth: Int) -> JSONValue {
        guard depth < 48 else { return .string(cut(value.text)) }
        return switch value {
        case .string(let text): .string(cut(text))
        case .array(let elements): .array(elements.map { cut($0, depth: depth + 1) })
        case .object(let members):
            .object(
                Dictionary(
                    members.map { key, value in
                        (key.utf8.count > nameLimit ? shortName(key) : key, cut(value, depth: depth + 1))
                    }, uniquingKeysWith: { $1 }))
        default: value
        }
    }

    private static func cut(_ text: String) -> String {
        guard text.utf8.count > textLimit else { return text }
        return "\(prefix(text, textLimit - 80))… (cut: it had \(text.utf8.count) bytes)"
    }

    private static func prefix(_ text: String, _ bytes: Int) -> String {
        String(decoding: text.utf8.prefix(bytes), as: UTF8.self)
    }

    /// The summary and the config have the same limits.
    package static func cut(_ members: [String: JSONValue]) -> [String: JSONValue] {
        cut(.object(members), depth: 0).object ?? [:]
    }
}
