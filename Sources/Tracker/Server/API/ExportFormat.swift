import Experiment
import FoundationEssentials
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

    /// Times in microseconds since 1970; values with as many digits as bring every bit back.
    func line(run: RunID, metric: String, _ series: MetricSeries, _ index: Int) throws -> String {
        let (attempt, step, time) = (series.attempts[index], series.steps[index], series.times[index])
        let value = series.values[index]
        switch self {
        case .csv: return "\(run),\(attempt),\(Self.cell(metric)),\(step),\(time),\(value)\n"
        case .jsonl:
            let row: [String: JSONValue] = [
                "run": .string(run.rawValue), "attempt": .int(Int64(attempt)), "metric": .string(metric),
                "step": .int(step), "time": .int(time), "value": .double(value),
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
