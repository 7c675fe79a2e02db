/// A place among the clients that follow events, given back with its last owner.
final class Follower: Sendable {
    private let metrics: ServerMetrics

    private init(metrics: ServerMetrics) { self.metrics = metrics }

    deinit { metrics.update { $0.followers -= 1 } }

    /// Nil where all places are taken.
    static func take(metrics: ServerMetrics, limit: Int) -> Follower? {
        var isFree = false
        metrics.update { counts in
            isFree = counts.followers < limit
            if isFree { counts.followers += 1 }
        }
        return isFree ? Follower(metrics: metrics) : nil
    }
}
