import Dispatch
package import Experiment
import Synchronization

/// Follows what a tracker says of its changes, on a thread of its own.
///
/// Connects again after a break, going on where it was; where the tracker refuses, as one without events does, only now
/// and then.
package final class EventFollower: Sendable {
    package enum News: Sendable, Hashable {
        /// From here on changes are told; those before may have been missed.
        case connected
        case event(EventParser.Event)
        /// Nothing is told until it is connected again.
        case broken
    }

    /// Seconds. Comments come every 5, so that a longer silence means that nobody is there.
    private static let silence = 20
    private static let pauseAfterRefusal = 30.0

    private let address: TrackerAddress
    private let path: String
    private let pause: Double
    private let news: @Sendable (News) -> Void
    private let queue = DispatchQueue(label: "saga.events")
    private let lastID = Mutex<String?>(nil)
    private let isOver = Atomic(false)

    /// `project`: of which changes are told; nil: of all. `pause`: seconds before it connects again. `news` is called
    /// from the follower's thread.
    package init(
        address: TrackerAddress, project: String? = nil, pause: Double = 2, news: @escaping @Sendable (News) -> Void
    ) {
        self.address = address
        self.pause = pause
        path = "/api/v1/events" + (project.map { "?project=" + percentEncoded($0) } ?? "")
        self.news = news
        queue.async { [weak self] in self?.follow() }
    }

    /// Ends it with the tracker's next word.
    package func stop() { isOver.store(true, ordering: .relaxed) }

    private func follow() {
        guard !isOver.load(ordering: .relaxed) else { return }
        let pause = connect()
        news(.broken)
        queue.asyncAfter(deadline: .now() + pause) { [weak self] in self?.follow() }
    }

    /// Returns when the connection has ended: seconds before the next attempt.
    private func connect() -> Double {
        let last = lastID.withLock(\.self)
        var parser = EventParser(lastID: last)
        var isConnected = false
        do {
            let client = try HTTPClient(address: address)
            try client.stream(path, headers: last.map { ["Last-Event-ID: \($0)"] } ?? [], silence: Self.silence) {
                [self] bytes in
                if !isConnected { news(.connected) }
                isConnected = true
                for event in parser.take(bytes) { news(.event(event)) }
                lastID.withLock { $0 = parser.lastID }
                return !isOver.load(ordering: .relaxed)
            }
            return pause
        } catch {
            return error.status == nil || error.isTransient ? pause : Self.pauseAfterRefusal
        }
    }
}
