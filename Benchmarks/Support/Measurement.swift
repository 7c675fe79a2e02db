/// One row of the benchmark's table.
struct Measurement: Codable {
    enum Direction: String, Codable {
        case lower, higher
    }

    var name: String
    var unit: String
    var better: Direction
    var ours: Double
    /// What the issue asks for.
    var aim: Double?
    /// MLflow's figure of the same run.
    var peer: Double?
    /// A bare COPY of the same rows.
    var copy: Double?

    /// How many times better than the peer.
    var ratio: Double? {
        peer.map { better == .lower ? $0 / ours : ours / $0 }
    }

    var meetsAim: Bool? {
        aim.map { better == .lower ? ours <= $0 : ours >= $0 }
    }
}

/// Sorted samples and their ranks.
struct Samples {
    private let sorted: [Double]

    init(_ values: [Double]) { sorted = values.sorted() }

    func percentile(_ share: Double) -> Double {
        guard !sorted.isEmpty else { return .nan }
        return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }

    var median: Double { percentile(0.5) }
}

/// Seconds that `work` takes.
func seconds(_ work: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try work()
    return start.secondsAgo
}

extension ContinuousClock.Instant {
    var secondsAgo: Double {
        let (seconds, attoseconds) = (ContinuousClock.now - self).components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }
}
