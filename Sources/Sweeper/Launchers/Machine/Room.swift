import Foundation
import SweepScheduler
import Synchronization

/// The machine's room, and the queue before it.
final class Room: Sendable {
    private struct Waiter {
        var id: UUID
        var demand: Demand
        var wake: CheckedContinuation<Placement, any Error>
    }

    private struct State {
        var allocator: Allocator
        var queue: [Waiter] = []
        /// Cancelled before they had begun to wait.
        var cancelled: Set<UUID> = []
    }

    private let state: Mutex<State>

    init(_ machine: Machine) { state = Mutex(State(allocator: Allocator(machine))) }

    func refusal(of demand: Demand) -> String? { state.withLock { $0.allocator.refusal(of: demand) } }

    /// Waits for room; throws `CancellationError` when the task is cancelled before there is any.
    func take(_ demand: Demand) async throws -> Placement {
        let id = UUID()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isCancelled = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return true }
                    state.queue.append(Waiter(id: id, demand: demand, wake: continuation))
                    return false
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
                serve()
            }
        } onCancel: {
            let waiter: Waiter? = state.withLock { state in
                guard let index = state.queue.firstIndex(where: { $0.id == id }) else {
                    state.cancelled.insert(id)
                    return nil
                }
                return state.queue.remove(at: index)
            }
            waiter?.wake.resume(throwing: CancellationError())
            // Who stood behind it may go ahead.
            serve()
        }
    }

    func occupy(_ placement: Placement) { state.withLock { $0.allocator.occupy(placement) } }

    func release(_ placement: Placement) {
        state.withLock { $0.allocator.release(placement) }
        serve()
    }

    private func serve() {
        let granted: [(Waiter, Placement)] = state.withLock { state in
            let granted = state.allocator.grant(state.queue.map(\.demand))
            let waiters = granted.map { (state.queue[$0.key], $0.value) }
            let served = Set(waiters.map(\.0.id))
            state.queue.removeAll { served.contains($0.id) }
            return waiters
        }
        for (waiter, placement) in granted { waiter.wake.resume(returning: placement) }
    }
}
