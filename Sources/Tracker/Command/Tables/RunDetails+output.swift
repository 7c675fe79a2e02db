import Experiment
import Foundation
import Output
import TrackerStore

extension RunDetails {
    var json: JSONValue {
        var members: [String: JSONValue] = [
            "run": .string(run.id.rawValue), "handle": .string(run.handle), "project": .string(run.project),
            "state": .string(run.state.rawValue), "attempt": .int(Int64(run.attempt)),
            "config": .object(run.config.members), "summary": .object(run.summary.members),
            "code": .object(run.code.members), "tags": .array(run.tags.map(JSONValue.string)),
            "created": Self.time(run.created), "metrics": .array(metricTable.objects),
            "files": .array(fileTable.objects),
            "alerts": .array(alertTable.objects), "console": .array(console.map { .string($0.text) }),
        ]
        for (name, text) in optionalTexts { members[name] = text.map(JSONValue.string) ?? .null }
        members["started"] = Self.time(run.started)
        members["finished"] = Self.time(run.finished)
        return .object(members)
    }

    /// In the order of printing; empty ones are left out then.
    var sections: [(title: String, Table)] {
        let code = Self.table(run.code)
        return [
            ("", head), ("config", Self.table(run.config)), ("summary", Self.table(run.summary)),
            ("metrics", metricTable), ("code and environment", code), ("files", fileTable), ("alerts", alertTable),
            ("console", Table(columns: ["line", "text"], rows: console.map { [.integer($0.line), .text($0.text)] })),
        ]
    }

    /// A row a fact.
    var allFacts: Table {
        let facts = RunDetails.facts(of: run)
        let rows = facts.keys.sorted().map { [Table.Cell.text($0), .init(facts[$0])] }
        return Table(
            columns: ["what", "value"], rows: head.rows + rows.filter { !head.rows.map(\.[0]).contains($0[0]) })
    }

    private var optionalTexts: [(String, String?)] {
        [
            ("name", run.name), ("group", run.group), ("sweep", run.sweep), ("job_type", run.jobType),
            ("user", run.username), ("host", run.host), ("program", run.program), ("notes", run.notes),
        ]
    }

    private var head: Table {
        var rows: [[Table.Cell]] = [
            [.text("run"), .text(run.id.rawValue)], [.text("project"), .text(run.project)],
            [.text("state"), .text(run.state.rawValue)],
        ]
        rows += optionalTexts.filter { $0.1 != nil }.map { [.text($0.0), .init($0.1)] }
        if !run.tags.isEmpty { rows.append([.text("tags"), .text(run.tags.joined(separator: ","))]) }
        for (name, date) in [("created", run.created), ("started", run.started), ("finished", run.finished)] {
            if let date { rows.append([.text(name), .init(Self.time(date))]) }
        }
        if let started = run.started {
            let seconds = (run.finished ?? Date()).timeIntervalSince(started)
            rows.append([.text("took"), .text(NumberText.duration(seconds: seconds))])
        }
        return Table(columns: ["what", "value"], rows: rows)
    }

    private var metricTable: Table {
        Table(
            columns: ["metric", "values", "last", "last_step", "min", "max"],
            rows: metrics.map { metric in
                [
                    .text(metric.name), .init(metric.count), .number(metric.last), .integer(metric.lastStep),
                    .init(metric.minimum), .init(metric.maximum),
                ]
            })
    }

    private var fileTable: Table {
        Table(
            columns: ["file", "bytes", "type", "step"],
            rows: files.map {
                [.text($0.file.path), .init($0.file.bytes), .text($0.file.mediaType), .integer($0.file.step)]
            })
    }

    private var alertTable: Table {
        Table(
            columns: ["time", "level", "title", "text"],
            rows: alerts.map { [.init(Self.time($0.time)), .text($0.level), .text($0.title), .text($0.text)] })
    }

    private static func table(_ json: StoredJSON) -> Table {
        let members = json.members
        return Table(columns: ["key", "value"], rows: members.keys.sorted().map { [.text($0), .init(members[$0])] })
    }

    private static func time(_ date: Date?) -> JSONValue {
        date.map { .string(Date.ISO8601FormatStyle(includingFractionalSeconds: true).format($0)) } ?? .null
    }
}
