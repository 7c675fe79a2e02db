import Experiment
import Foundation
import TrackerStore

/// How exported points are written: a line each, the same bytes each time.
enum ExportFormat: String {
    case csv
    case jsonl

    var mediaType: String {
        switch self {
        case .csv: "text/csv; charset=utf-8"
        case .jsonl: "application/jsonl"
        }
    }

    var header: String? { self == .csv ? "run,attempt,metric,step,time,value\n" : nil }

    /// Times in seconds since 1970; values with as many digits as bring every bit back.
    func line(run: RunID, _ point: MetricPoint) throws -> String {
        let time = point.time.timeIntervalSince1970
        switch self {
        case .csv:
            return "\(run),\(point.attempt),\(Self.cell(point.metric)),\(point.step),\(time),\(point.value)\n"
        case .jsonl:
            let row: [String: JSONValue] = [
                "run": .string(run.rawValue), "attempt": .int(Int64(point.attempt)), "metric": .string(point.metric),
                "step": .int(point.step), "time": .double(time), "value": .double(point.value),
            ]
            return String(decoding: try JSONCoding.encode(row), as: UTF8.self) + "\n"
        }
    }

    /// A text that a spreadsheet takes as a text: quoted where it must be, with an apostrophe before what would be a
    /// formula (OWASP, CSV injection).
    private static func cell(_ text: String) -> String {
        let isFormula = text.utf8.first.map { "=+-@\t\r".utf8.contains($0) } ?? false
        let safe = isFormula ? "'" + text : text
        let needsQuotes = safe.utf8.contains { ",\"\n\r".utf8.contains($0) }
        return needsQuotes ? "\"" + safe.replacing("\"", with: "\"\"") + "\"" : safe
    }
}
