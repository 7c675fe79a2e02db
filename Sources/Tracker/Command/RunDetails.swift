import Experiment
import TrackerStore

/// Everything that the tracker knows of a run beside its history.
struct RunDetails {
    let run: ClientRun
    let metrics: [SeriesSummary]
    let files: [StoredFile]
    let alerts: [RunAlert]
    let console: [ConsoleLine]

    /// `lines`: of the console, the last ones.
    init(of run: ClientRun, lines: Int, in store: TrackerStore) async throws {
        self.run = run
        metrics = try await store.seriesSummaries(run: run.number)
        files = try await store.files(run: run.id)
        alerts = try await store.alerts(run: run.id)
        console = try await store.consoleTail(run: run.id, limit: lines)
    }

    /// What a person may compare between runs, by dotted names.
    static func facts(of run: ClientRun) -> [String: JSONValue] {
        var facts: [String: JSONValue] = [:]
        add(.object(run.config.members), "config", to: &facts)
        add(.object(run.summary.members), "summary", to: &facts)
        add(.object(run.code.members), "code", to: &facts)
        let texts: [(String, String?)] = [
            ("project", run.project), ("group", run.group), ("job_type", run.jobType), ("state", run.state.rawValue),
            ("host", run.host), ("program", run.program), ("user", run.username), ("notes", run.notes),
            ("tags", run.tags.isEmpty ? nil : run.tags.sorted().joined(separator: ",")),
        ]
        for (name, text) in texts { facts[name] = text.map(JSONValue.string) }
        return facts
    }

    private static func add(_ value: JSONValue, _ name: String, to facts: inout [String: JSONValue]) {
        guard let members = value.object, !members.isEmpty else {
            return facts[name] = value == .object([:]) ? nil : value
        }
        for (key, value) in members { add(value, "\(name).\(key)", to: &facts) }
    }
}
