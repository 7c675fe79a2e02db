import Foundation

/// One row of the benchmark's table; less is better.
struct SweeperMeasurement: Codable {
    var name: String
    var unit: String
    var ours: Double
    var aim: Double?
    /// Optuna's figure of the same run.
    var peer: Double?

    static func json(_ rows: [SweeperMeasurement]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return String(decoding: try encoder.encode(rows), as: UTF8.self)
    }

    static func table(_ rows: [SweeperMeasurement]) -> String {
        func text(_ value: Double?) -> String { value.map { String(format: "%.3g", $0) } ?? "" }
        let lines = rows.map { row in
            let verdict = row.aim.map { row.ours <= $0 ? "met" : "MISSED" } ?? ""
            let ratio = row.peer.map { String(format: "%.1f", $0 / row.ours) } ?? ""
            return
                "| \(row.name) | \(text(row.ours)) \(row.unit) | \(text(row.aim)) | \(verdict) | \(text(row.peer)) | \(ratio) |"
        }
        return (["| measure | ours | aim | | Optuna | times better |", "|---|---|---|---|---|---|"] + lines)
            .joined(separator: "\n")
    }
}
