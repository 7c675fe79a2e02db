import Foundation
import SweepScheduler
import Synchronization

/// Virtual time: it stands still while anybody works, and then moves to the moment that the next sleeper waits for, so
/// that nobody's time runs while another has not had its turn.
final class FakeClock: Timekeeper {
    private struct Sleeper {
        var id: Int
        var wake: Double
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now = 0.0
        var lastID = 0
        var sleepers: [Sleeper] = []
        var cancelled: Set<Int> = []
        var isDriven = false

        mutating func takeDue() -> [Sleeper] {
            let due = sleepers.filter { $0.wake <= now }
            sleepers.removeAll { $0.wake <= now }
            return due
        }
    }

    private let state = Mutex(State())

    var uptime: Double { state.withLock { $0.now } }

    func sleep(seconds: Double) async throws {
        try Task.checkCancellation()
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enter(id, seconds, continuation)
            }
        } onCancel: {
            let sleeper = state.withLock { state -> Sleeper? in
                guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
                    state.cancelled.insert(id)
                    return nil
                }
                return state.sleepers.remove(at: index)
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    func advance(_ seconds: Double) {
        let due = state.withLock { state in
            state.now += seconds
            return state.takeDue()
        }
        for sleeper in due { sleeper.continuation.resume() }
    }

    private func enter(_ id: Int, _ seconds: Double, _ continuation: CheckedContinuation<Void, any Error>) {
        let (isCancelled, drives) = state.withLock { state -> (Bool, Bool) in
            if state.cancelled.remove(id) != nil { return (true, false) }
            state.sleepers.append(Sleeper(id: id, wake: state.now + seconds, continuation: continuation))
            defer { state.isDriven = true }
            return (false, !state.isDriven)
        }
        if isCancelled { continuation.resume(throwing: CancellationError()) }
        if drives { Task.detached { await self.drive() } }
    }

    /// Moves the time for as long as somebody sleeps. Who works is given turns first.
    private func drive() async {
        while true {
            for _ in 0..<50 { await Task.yield() }
            try? await Task.sleep(for: .microseconds(300))
            let due = state.withLock { state -> [Sleeper]? in
                guard let next = state.sleepers.map(\.wake).min() else {
                    state.isDriven = false
                    return nil
                }
                state.now = max(state.now, next)
                return state.takeDue()
            }
            guard let due else { return }
            for sleeper in due { sleeper.continuation.resume() }
        }
    }
}

/// A clock on the wall, which somebody may set.
final class WallClock: Sendable {
    private let clock: FakeClock
    private let offset = Mutex(0.0)

    init(_ clock: FakeClock) { self.clock = clock }

    var now: Date { Date(timeIntervalSince1970: offset.withLock { $0 } + clock.uptime) }
    func step(_ seconds: Double) { offset.withLock { $0 += seconds } }
}
