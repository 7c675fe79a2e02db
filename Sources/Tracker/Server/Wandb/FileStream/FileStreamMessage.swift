import Experiment
import TrackerStore

/// The body of a file_stream request as a report.
enum FileStreamMessage {
    static func report(_ body: [UInt8]) throws(JSONParseError) -> ClientReport {
        var report = ClientReport()
        guard let message = try JSONParser.parse(body).object else { return report }
        let files = message["files"]?.object ?? [:]
        report.history = rows(files["wandb-history.jsonl"])
        report.system = rows(files["wandb-events.jsonl"])
        if let summary = content(files["wandb-summary.json"]).last.flatMap({ try? JSONParser.parse($0) })?.object {
            report.summary = HistoryLine.cut(summary)
        }
        let offset = offset(files["output.log"])
        report.console = content(files["output.log"]).enumerated().map { index, text in
            ConsoleText.line(text, line: offset + Int64(index))
        }
        report.isComplete = message["complete"]?.bool ?? false
        report.exitCode = message["exitcode"]?.integer.map { Int32(clamping: $0) }
        report.isPreempting = message["preempting"]?.bool ?? false
        return report
    }

    private static func rows(_ file: JSONValue?) -> ClientRows? {
        let offset = offset(file)
        let rows = content(file).enumerated().map { index, text in
            HistoryLine.row(text, line: offset + Int64(index))
        }
        return rows.isEmpty ? nil : ClientRows(offset: offset, rows: rows)
    }

    private static func content(_ file: JSONValue?) -> [String] {
        file?.object?["content"]?.array?.compactMap(\.string) ?? []
    }

    /// Far from where counting on would overflow.
    private static func offset(_ file: JSONValue?) -> Int64 {
        min(max(0, file?.object?["offset"]?.integer ?? 0), 1 << 60)
    }
}
