import Experiment
import GraphQL
import TrackerStore

/// A run's histories in the forms that clients know.
struct RunHistoryFields: GraphQLObject {
    private static let sampleLimit = 100_000

    let run: ClientRun
    let store: TrackerStore

    var typename: String { "Run" }

    func field(_ name: String, _ arguments: GraphQLArguments) async throws -> GraphQLValue? {
        switch name {
        case "historyLineCount": .int(try await store.lineCounts(of: run.number).history)
        case "eventsLineCount": .int(try await store.lineCounts(of: run.number).system)
        case "logLineCount": .int(try await store.lineCounts(of: run.number).console)
        case "historyTail": try await tail(.metrics)
        case "eventsTail": try await tail(.system)
        case "history": .strings(try await history(.metrics, arguments).map { $0.json(.metrics).text })
        case "events": .strings(try await history(.system, arguments).map { $0.json(.system).text })
        case "sampledHistory": .list(try await sampled(arguments.strings("specs") ?? []))
        case "historyKeys": .json(try await historyKeys())
        case "systemMetrics": .jsonString(try await systemMetrics())
        // Clients read everything by `history` then.
        case "parquetHistory": .record("ParquetHistory", ["parquetUrls": .list([]), "liveData": .list([])])
        default: nil
        }
    }

    /// A list of one line, the last, as a text that holds JSON.
    private func tail(_ stream: HistoryStream) async throws -> GraphQLValue {
        let row = try await store.lastRow(run: run.number, stream: stream)
        return .jsonString(.array(row.map { [.string($0.json(stream).text)] } ?? []))
    }

    /// `samples` rows spread over the whole, or with steps given the first so many from `minStep` to before `maxStep`.
    private func history(_ stream: HistoryStream, _ arguments: GraphQLArguments) async throws -> [HistoryRow] {
        let samples = max(0, min(arguments.int("samples") ?? 500, Self.sampleLimit))
        if arguments["minStep"]?.integer != nil || arguments["maxStep"]?.integer != nil {
            return try await store.rows(
                run: run.number, stream: stream, fromStep: arguments["minStep"]?.integer ?? .min,
                toStep: arguments["maxStep"]?.integer, limit: samples)
        }
        let rows = try await store.rows(run: run.number, stream: stream, limit: .max)
        guard rows.count > samples else { return rows }
        guard samples > 1 else { return Array(rows.suffix(samples)) }
        return (0..<samples).map { rows[$0 * (rows.count - 1) / (samples - 1)] }
    }

    /// A list of rows for each specification `{"keys":[…],"samples":n,"minStep":a,"maxStep":b}`; here `maxStep` counts.
    private func sampled(_ specifications: [String]) async throws -> [GraphQLValue] {
        var lists: [GraphQLValue] = []
        for text in specifications.prefix(100) {
            guard let members = (try? JSONParser.parse(text))?.object else {
                throw GraphQLError(code: "bad_specification", "a specification of samples is not a JSON object")
            }
            lists.append(.json(.array(try await sampled(GraphQLArguments(members)))))
        }
        return lists
    }

    private func sampled(_ specification: GraphQLArguments) async throws -> [JSONValue] {
        let keys = specification.strings("keys") ?? []
        let names = Array(Set(keys).subtracting(HistoryRow.ownKeys)).sorted()
        let samples = max(0, min(specification.int("samples") ?? 500, Self.sampleLimit))
        let from = specification["minStep"]?.integer ?? .min
        let to = specification["maxStep"]?.integer.flatMap { $0 == .max ? nil : $0 + 1 }
        let rows =
            names.isEmpty
            ? try await store.rows(run: run.number, fromStep: from, toStep: to, limit: samples)
            : try await store.sampledRows(
                run: run.number, names: names, fromStep: from, toStep: to, samples: samples)
        return rows.map { row in
            guard let members = row.json(.metrics).object, !keys.isEmpty else { return row.json(.metrics) }
            return .object(members.filter { keys.contains($0.key) })
        }
    }

    private func historyKeys() async throws -> JSONValue {
        var keys: [String: JSONValue] = [:]
        for series in try await store.seriesSummaries(run: run.number) {
            keys[series.name] = .object([
                "typeCounts": .array([.object(["type": .string("number"), "count": .int(Int64(series.count))])]),
                "monotonic": .bool(false), "previousValue": .double(series.last),
            ])
        }
        let lastStep = try await store.extent(run: run.number).lastStep ?? -1
        return .object(["keys": .object(keys), "sets": .array([]), "lastStep": .int(lastStep)])
    }

    private func systemMetrics() async throws -> JSONValue {
        let series = try await store.seriesSummaries(run: run.number, stream: .system)
        return .object(Dictionary(series.map { ($0.name, .double($0.last)) }) { first, _ in first })
    }
}

extension HistoryRow {
    /// What clients call a row's own properties.
    static let ownKeys: Set<String> = ["_step", "_timestamp"]

    /// The row as clients read it: dotted names, not nested.
    func json(_ stream: HistoryStream) -> JSONValue {
        var members = others
        for (name, value) in numbers { members[name] = .double(value) }
        members["_timestamp"] = .double(Double(time) / 1_000_000)
        switch stream {
        case .metrics: members["_step"] = .int(step)
        case .system: members["_wandb"] = .bool(true)
        }
        return .object(members)
    }
}
