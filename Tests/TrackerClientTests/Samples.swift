import Experiment
import Foundation

func sampleRecords(_ count: Int) -> [RunRecord] {
    (0..<count).map { step in
        .metrics(
            MetricRow(
                step: Int64(step), time: Date(timeIntervalSince1970: 1_700_000_000 + Double(step)),
                values: ["loss": 1 / Double(step + 1)]))
    }
}

func withTemporaryDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("saga-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: url) }
    return try body(url.path)
}
