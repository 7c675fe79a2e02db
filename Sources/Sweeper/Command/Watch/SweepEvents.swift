import Experiment
import Synchronization
import TrackerClient

/// Wakes whoever watches a sweep when the tracker says that something of it has changed.
final class SweepEvents: Sendable {
    private struct State {
        /// The tracker tells of every change.
        var isFollowing = false
        /// Runs of the project, which may be the sweep's, have changed: their values, say.
        var isStale = false
        var hasChanged = false
        var waiting: AsyncStream<Void>.Continuation?
    }

    private let sweep: String
    private let state = Mutex(State())
    private let follower = Mutex<EventFollower?>(nil)

    /// `sweep`: its id.
    init(sweep: String) { self.sweep = sweep }

    func follow(_ address: TrackerAddress, project: String) {
        follower.withLock { follower in
            follower = EventFollower(address: address, project: project) { [weak self] in self?.hear($0) }
        }
    }

    func stop() { follower.withLock { $0?.stop() } }

    var isFollowing: Bool { state.withLock(\.isFollowing) }

    /// Whether runs have changed since this was asked last.
    func takeStale() -> Bool {
        state.withLock { state in
            defer { state.isStale = false }
            return state.isStale
        }
    }

    func hear(_ news: EventFollower.News) {
        state.withLock { state in
            switch news {
            case .connected: (state.isFollowing, state.hasChanged) = (true, true)
            case .broken: (state.isFollowing, state.hasChanged) = (false, state.isFollowing || state.hasChanged)
            case .event(let event) where event.name == "run": state.isStale = true
            case .event(let event) where event.name == "sweep":
                let change = try? JSONParser.parse(event.data).object
                if change?["sweep"]?.string == sweep { state.hasChanged = true }
            // Changes were missed, or are of a kind that this program does not know.
            case .event: state.hasChanged = true
            }
            if state.hasChanged { state.waiting?.finish() }
        }
    }

    /// Returns true as soon as the sweep has changed, false after `seconds`.
    func change(within seconds: Double) async throws -> Bool {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        state.withLock { state in
            state.waiting = continuation
            if state.hasChanged { continuation.finish() }
        }
        let limit = Task {
            try? await Task.sleep(for: .seconds(seconds))
            continuation.finish()
        }
        for await _ in stream {}
        limit.cancel()
        try Task.checkCancellation()
        return state.withLock { state in
            defer { state.hasChanged = false }
            return state.hasChanged
        }
    }
}
