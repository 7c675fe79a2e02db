import Synchronization

/// What the server counts of itself, for `/metrics` (Prometheus' text format 0.0.4).
final class ServerMetrics: Sendable {
    struct Request: Hashable {
        var method: String
        /// The route's template, not the address: addresses have no end.
        var route: String
        var status: Int
    }

    struct Histogram {
        /// Upper bounds in seconds.
        static let bounds = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10]
        /// One for each bound and one for what is above.
        var counts = [Int](repeating: 0, count: Histogram.bounds.count + 1)
        var sum = 0.0

        mutating func observe(_ seconds: Double) {
            counts[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
            sum += seconds
        }
    }

    struct Counts {
        var requests: [Request: Int] = [:]
        var latencies: [String: Histogram] = [:]
        var bytesReceived = 0
        var bytesSent = 0
        var followers = 0
        var unavailable = 0
    }

    private let counts = Mutex(Counts())

    func update(_ change: (inout Counts) -> Void) { counts.withLock { change(&$0) } }

    var now: Counts { counts.withLock { $0 } }
}
