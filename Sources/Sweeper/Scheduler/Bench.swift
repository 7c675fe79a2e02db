import Synchronization

/// Where slots sit that have nothing to do. One of them is the scout: it asks the tracker now and then, and the others
/// sleep until it, or an end on this machine, gives reason to hope. So that many idle slots cost no more than one.
final class Bench: Sendable {
    private struct State {
        var hasScout = false
        /// Set while the scout sleeps.
        var scout: Signal?
        /// Something happened while the scout was awake: its next sleep is skipped.
        var isScoutPoked = false
        var sleepers: [Signal] = []
    }

    private let state = Mutex(State())

    /// True makes the caller the scout. Otherwise sleeps until there may be something to do, and answers false.
    func isScoutNeeded() async -> Bool {
        let signal: Signal? = state.withLock { state in
            guard state.hasScout else {
                state.hasScout = true
                return nil
            }
            let signal = Signal()
            state.sleepers.append(signal)
            return signal
        }
        guard let signal else { return true }
        await signal.wait()
        state.withLock { $0.sleepers.removeAll { $0 === signal } }
        return false
    }

    func scoutLeaves() {
        state.withLock { state in
            state.hasScout = false
            state.scout = nil
        }
    }

    /// The scout's sleep; ends early when something happens.
    func sleep(_ seconds: Double, by clock: any Timekeeper) async throws {
        let signal = Signal()
        let isPoked = state.withLock { state in
            defer { state.isScoutPoked = false }
            if !state.isScoutPoked { state.scout = signal }
            return state.isScoutPoked
        }
        if isPoked { return }
        let timer = Task {
            try await clock.sleep(seconds: seconds)
            signal.fire()
        }
        await signal.wait()
        timer.cancel()
        state.withLock { $0.scout = nil }
        try Task.checkCancellation()
    }

    /// Work may have come up: one slot shall look.
    func wakeOne() {
        let signal: Signal? = state.withLock { state in
            if let scout = state.scout { return scout }
            if let sleeper = state.sleepers.popLast() { return sleeper }
            state.isScoutPoked = state.hasScout
            return nil
        }
        signal?.fire()
    }

    /// Nothing will come up any more.
    func wakeAll() {
        let signals: [Signal] = state.withLock { state in
            defer { state.sleepers = [] }
            state.isScoutPoked = state.hasScout
            return state.sleepers + [state.scout].compactMap(\.self)
        }
        for signal in signals { signal.fire() }
    }
}
