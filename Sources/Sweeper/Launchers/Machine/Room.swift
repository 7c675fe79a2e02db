import Experiment
import Foundation
import SweepScheduler
import Synchronization

/// The machine's room, which other sweepers may use too, and this sweeper's queue before it.
final class Room: Sendable {
    private struct Waiter {
        var id: UUID
        var demand: Demand
        var wake: CheckedContinuation<Placement, any Error>
    }

    private struct State {
        var queue: [Waiter] = []
        /// Cancelled before they had begun to wait.
        var cancelled: Set<UUID> = []
        var isLooking = false
    }

    /// Between two looks at what other sweepers have left: they tell nobody.
    private static let look = Duration.milliseconds(200)

    private let machine: Machine
    private let book: RoomBook
    private let state = Mutex(State())

    init(_ machine: Machine, home: SagaHome) {
        self.machine = machine
        book = RoomBook(home: home)
    }

    func refusal(of demand: Demand) -> String? { Allocator(machine).refusal(of: demand) }

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

    /// The trainer that was started there: as long as it lives its room is taken, whatever becomes of this sweeper.
    func note(_ trainer: ProcessIdentity, at placement: Placement) {
        book.update { entries in
            guard let index = entries.firstIndex(where: { $0.placement.id == placement.id }) else { return }
            entries[index].trainer = trainer
        }
    }

    /// Takes over the room of a living trainer; `placement` is where it works by its own record.
    func occupy(_ placement: Placement, by trainer: ProcessIdentity) -> Placement {
        book.update { entries in
            let old = entries.first { $0.trainer == trainer || placement.id != nil && $0.placement.id == placement.id }
            var taken = old?.placement ?? placement
            taken.id = taken.id ?? UUID()
            if let old { entries.removeAll { $0 == old } }
            entries.append(book.entry(taken, trainer: trainer))
            return taken
        }
    }

    func release(_ placement: Placement) {
        guard let id = placement.id else { return }
        serve(after: id)
    }

    /// Gives room to those who wait; `released` is room that has become free.
    private func serve(after released: UUID? = nil) {
        let granted: [(Waiter, Placement)] = book.update { entries in
            if let released { entries.removeAll { $0.placement.id == released } }
            return state.withLock { state in
                guard !state.queue.isEmpty else { return [] }
                var allocator = Allocator(machine)
                for entry in entries { allocator.occupy(entry.placement) }
                var granted: [(Waiter, Placement)] = []
                var served: Set<UUID> = []
                for (index, placement) in allocator.grant(state.queue.map(\.demand)) {
                    var placement = placement
                    placement.id = UUID()
                    granted.append((state.queue[index], placement))
                    served.insert(state.queue[index].id)
                    entries.append(book.entry(placement))
                }
                state.queue.removeAll { served.contains($0.id) }
                return granted
            }
        }
        for (waiter, placement) in granted { waiter.wake.resume(returning: placement) }
        lookForRoom()
    }

    /// Looks again and again for as long as somebody waits and strangers have room.
    private func lookForRoom() {
        guard book.hasStrangers else { return }
        let begins = state.withLock { state in
            guard !state.queue.isEmpty, !state.isLooking else { return false }
            state.isLooking = true
            return true
        }
        guard begins else { return }
        Task.detached { [self] in
            try? await Task.sleep(for: Room.look)
            state.withLock { $0.isLooking = false }
            serve()
        }
    }
}
