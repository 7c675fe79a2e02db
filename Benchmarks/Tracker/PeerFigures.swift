import BenchmarkSupport

/// What `peers/mlflow_peer.py` prints.
struct PeerFigures: Decodable {
    var version: String
    var log_p50_us: Double
    var log_p99_us: Double
    var ingest_1: Double
    var ingest_8: Double
    var bytes_per_point: Double
    var best_ms: Double
    var history_ms: Double
    var export_s: Double
    var memory_mb: Double
    var ready_s: Double
    var request_ms: Double

    /// Puts each figure beside ours; the same for the rows of the large database.
    func add(to rows: inout [Figure]) {
        let figures: [Aim: Double] = [
            .logMedian: log_p50_us, .logTail: log_p99_us, .ingestOne: ingest_1, .ingestEight: ingest_8,
            .bytes: bytes_per_point, .best: best_ms, .historyWhole: history_ms, .historyReduced: history_ms,
            .export: export_s, .memory: memory_mb, .ready: ready_s, .request: request_ms,
        ]
        for index in rows.indices {
            guard let aim = Aim.allCases.first(where: { rows[index].name.hasPrefix($0.name) }) else { continue }
            rows[index].peer = figures[aim]
        }
    }
}
