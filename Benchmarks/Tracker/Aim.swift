import BenchmarkSupport

/// What the tracker promises, on two cores that client, server and database share.
enum Aim: CaseIterable {
    case logMedian, logTail, ingestOne, ingestEight, bytes, best, historyWhole, historyReduced, export, memory, ready
    case request

    private var facts: (name: String, unit: String, aim: Double, better: Figure.Direction) {
        switch self {
        case .logMedian: ("log call of 6 metrics, p50", "us", 20, .lower)
        case .logTail: ("log call of 6 metrics, p99", "us", 200, .lower)
        case .ingestOne: ("points/s committed through HTTP, 1 client", "1/s", 200_000, .higher)
        case .ingestEight: ("points/s committed through HTTP, 8 clients", "1/s", 500_000, .higher)
        case .bytes: ("bytes a point at rest after compaction", "B", 12, .lower)
        case .best: ("top 10 of 10,000 runs by a metric", "ms", 20, .lower)
        case .historyWhole: ("history of 100,000 points, whole", "ms", 100, .lower)
        case .historyReduced: ("history of 100,000 points, 1,000 pixels", "ms", 20, .lower)
        case .export: ("export of 27 x 10,000 x 6 points to CSV", "s", 3, .lower)
        case .memory: ("server memory with that data", "MB", 100, .lower)
        case .ready: ("start to ready", "s", 1, .lower)
        case .request: ("small request, kept-alive connection, p50", "ms", 3, .lower)
        }
    }

    var name: String { facts.name }

    /// A row of the table; on the large database the aim is half as strict.
    func row(_ ours: Double, copy: Double? = nil, isLarge: Bool = false) -> Figure {
        let (name, unit, aim, better) = facts
        let slack = !isLarge ? 1 : better == .lower ? 1.5 : 0.5
        return Figure(
            name: isLarge ? name + " (10^8)" : name, unit: unit, better: better, ours: ours, aim: aim * slack,
            copy: copy)
    }
}
