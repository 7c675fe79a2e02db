import Experiment
import FoundationEssentials
import Output
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
        case .csv:
            var bytes: [UInt8] = []
            CSV.append(
                [
                    .text(run.rawValue), .integer(Int64(attempt)), .text(metric), .integer(step), .integer(time),
                    .number(value),
                ], to: &bytes)
            return String(decoding: bytes, as: UTF8.self)
        case .jsonl:
            let row: [String: JSONValue] = [
                "run": .string(run.rawValue), "attempt": .int(Int64(attempt)), "metric": .string(metric),
                "step": .int(step), "time": .int(time), "value": .double(value),
            ]
            return String(decoding: try JSONCoding.encode(row), as: UTF8.self) + "\n"
        }
    }
}
