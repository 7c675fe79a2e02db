import Experiment
import TrackerServer
import TrackerStore

/// What the records of a transaction log add up to; pure.
struct WandbReplay {
    private(set) var run: WandbRecord.Run?
    private(set) var config: [String: JSONValue] = [:]
    private(set) var summary: [String: JSONValue] = [:]
    private(set) var code: [String: JSONValue] = [:]
    private(set) var program: String?
    private(set) var host: String?
    private(set) var username: String?
    private(set) var alerts: [(level: String, title: String, text: String)] = []
    /// Nil: the log ends before the run did.
    private(set) var exitCode: Int32?
    private(set) var runtime: Int64?
    /// Microseconds since 1970 of the latest row.
    private(set) var lastTime: Int64?
    /// Rows that have not been taken yet.
    private(set) var history = ClientRows(offset: 0, rows: [])
    private(set) var system = ClientRows(offset: 0, rows: [])

    mutating func add(_ record: WandbRecord) {
        switch record {
        case .run(let run):
            self.run = run
            run.config.apply(to: &config)
            if let remote = run.remote {
                code["git"] = .object(["remote": .string(remote), "commit": .string(run.commit ?? "")])
            }
            host = run.host ?? host
        case .config(let changes): changes.apply(to: &config)
        case .summary(let changes): changes.apply(to: &summary)
        case .history(let changes):
            var members: [String: JSONValue] = [:]
            changes.apply(to: &members)
            let row = HistoryLine.row(members, line: history.offset + Int64(history.rows.count))
            lastTime = row.time ?? lastTime
            history.rows.append(row)
        case .stats(let time, let values):
            var members: [String: JSONValue] = ["_timestamp": .double(Double(time) / 1_000_000)]
            for change in values.changes {
                members["system." + change.path.joined(separator: ".")] = change.value
            }
            system.rows.append(HistoryLine.row(members, line: system.offset + Int64(system.rows.count)))
        case .environment(let environment):
            code.merge(environment.values) { $1 }
            program = environment.program ?? program
            host = environment.host ?? host
            username = environment.username ?? username
        case .alert(let title, let text, let level):
            alerts.append((level, title, text))
        case .exit(let code, let runtime):
            exitCode = code
            self.runtime = runtime
        case .other: break
        }
    }

    /// Hands over the rows read since the last time.
    mutating func takeRows() -> ClientReport {
        var report = ClientReport()
        report.history = history
        report.system = system
        history = ClientRows(offset: history.offset + Int64(history.rows.count), rows: [])
        system = ClientRows(offset: system.offset + Int64(system.rows.count), rows: [])
        return report
    }
}
