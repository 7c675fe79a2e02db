import Synchronization

/// Answers together what is asked while an earlier answer is on its way: of eight that ask at once seven share a
/// statement and a commit.
///
/// Nobody is kept waiting in the hope of company: who comes when nothing is under way is answered at once, alone. What is
/// asked about different things (`Key`) does not wait for each other. Within one, questions are taken up in the order of
/// asking, in up to `lanes` pieces of work at a time: while one waits for the disk another is computed.
final class Gathering<Key: Hashable & Sendable, Question: Sendable, Answer: Sendable>: Sendable {
    /// Gives one answer for each question, in their order.
    typealias Work = @Sendable ([Question]) async -> [Result<Answer, any Error>]

    private struct Waiter {
        var id: UInt64
        var question: Question
        var answer: CheckedContinuation<Answer, any Error>
    }

    /// What is asked about one thing, as long as something about it is under way.
    private struct Queue {
        /// Pieces of work that are under way.
        var busy = 0
        var waiters: [Waiter] = []
    }

    private struct State {
        var queues: [Key: Queue] = [:]
        var lastID: UInt64 = 0
    }

    private let state = Mutex(State())
    private let capacity: Int
    private let lanes: Int
    private let weight: @Sendable (Question) -> Int

    /// Questions are answered together up to a total `weight` of `capacity`; one that is heavier by itself, alone.
    init(capacity: Int, lanes: Int = 1, weight: @escaping @Sendable (Question) -> Int = { _ in 1 }) {
        self.capacity = capacity
        self.lanes = lanes
        self.weight = weight
    }

    /// The answer to `question`, found by `work` together with those to others' questions about `key`.
    ///
    /// A cancelled task gives its place back and throws `CancellationError`, unless its question is being answered by then:
    /// that is not undone.
    func ask(_ question: Question, about key: Key, _ work: @escaping Work) async throws -> Answer {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let waiter = Waiter(id: id, question: question, answer: continuation)
                let hasLane: Bool? = state.withLock { state in
                    if Task.isCancelled { return nil }
                    guard state.queues[key, default: Queue()].busy < lanes else {
                        state.queues[key]?.waiters.append(waiter)
                        return false
                    }
                    state.queues[key, default: Queue()].busy += 1
                    return true
                }
                switch hasLane {
                case nil: continuation.resume(throwing: CancellationError())
                case false?: break
                // In a task of its own: who asked first may be cancelled, and others wait by then.
                case true?: Task { await answer([waiter], about: key, work) }
                }
            }
        } onCancel: {
            let waiter: Waiter? = state.withLock { state in
                guard let index = state.queues[key]?.waiters.firstIndex(where: { $0.id == id }) else {
                    return nil
                }
                return state.queues[key]?.waiters.remove(at: index)
            }
            waiter?.answer.resume(throwing: CancellationError())
        }
    }

    /// How many pieces of work about `key` are under way, and how many questions wait for them.
    func count(about key: Key) -> Int {
        state.withLock { state in state.queues[key].map { $0.busy + $0.waiters.count } ?? 0 }
    }

    /// Answers these and then, together, those that have come meanwhile, until none has.
    private func answer(_ first: [Waiter], about key: Key, _ work: Work) async {
        var waiters = first
        while !waiters.isEmpty {
            let answers = await work(waiters.map(\.question))
            for (waiter, answer) in zip(waiters, answers) { waiter.answer.resume(with: answer) }
            waiters = state.withLock { take(about: key, &$0) }
        }
    }

    private func take(about key: Key, _ state: inout State) -> [Waiter] {
        guard let queue = state.queues[key] else { return [] }
        guard !queue.waiters.isEmpty else {
            if queue.busy > 1 { state.queues[key]?.busy -= 1 } else { state.queues[key] = nil }
            return []
        }
        var total = 0
        let count = queue.waiters.firstIndex { waiter in
            total += weight(waiter.question)
            return total > capacity
        }
        let waiters = Array(queue.waiters.prefix(max(1, count ?? queue.waiters.count)))
        state.queues[key]?.waiters.removeFirst(waiters.count)
        return waiters
    }
}
