import Synchronization
import Testing

@testable import TrackerStore

@Suite("Gathering", .timeLimit(.minutes(1)))
struct GatheringTests {
    private typealias Numbers = Gathering<Int, Int, String>

    private struct Refused: Error, Equatable {
        var number: Int
    }

    /// Answers only when it is told to, and remembers what was asked together.
    private final class Desk: Sendable {
        let batches = Mutex<[[Int]]>([])
        private let (permits, permit) = AsyncStream.makeStream(of: Void.self)

        func open(_ count: Int = 1) { for _ in 0..<count { permit.yield() } }

        @Sendable func answer(_ questions: [Int]) async -> [Result<String, any Error>] {
            batches.withLock { $0.append(questions) }
            for await _ in permits { break }
            return questions.map { $0 < 0 ? .failure(Refused(number: $0)) : .success("\($0)") }
        }
    }

    /// Asks one after the other, so that the order of asking is known.
    private func ask(
        _ questions: [Int], _ numbers: Numbers, _ desk: Desk, about key: Int = 0
    ) async -> [Task<String, any Error>] {
        var tasks: [Task<String, any Error>] = []
        for question in questions {
            let before = numbers.count(about: key)
            tasks.append(Task { try await numbers.ask(question, about: key, desk.answer) })
            while numbers.count(about: key) != before + 1, !Task.isCancelled { await Task.yield() }
        }
        return tasks
    }

    @Test("Who comes first is answered alone, who comes meanwhile together and in the order of asking")
    func together() async throws {
        let (numbers, desk) = (Numbers(capacity: 100), Desk())
        let tasks = await ask([1, 2, 3, 4], numbers, desk)
        desk.open(2)
        for (task, answer) in zip(tasks, ["1", "2", "3", "4"]) { #expect(try await task.value == answer) }
        #expect(desk.batches.withLock(\.self) == [[1], [2, 3, 4]])
        #expect(numbers.count(about: 0) == 0)
    }

    @Test("What one is refused is no other's error")
    func errors() async throws {
        let (numbers, desk) = (Numbers(capacity: 100), Desk())
        let tasks = await ask([1, 2, -3, 4], numbers, desk)
        desk.open(2)
        await #expect(throws: Refused(number: -3)) { try await tasks[2].value }
        #expect(try await tasks[1].value == "2")
        #expect(try await tasks[3].value == "4")
    }

    @Test("What is asked about one thing does not wait for another")
    func apart() async throws {
        let (numbers, slow, quick) = (Numbers(capacity: 100), Desk(), Desk())
        let waiting = await ask([1, 2], numbers, slow)
        let others = await ask([9], numbers, quick, about: 1)
        quick.open()
        #expect(try await others[0].value == "9")
        slow.open(2)
        #expect(try await waiting[1].value == "2")
    }

    @Test("With two lanes two are worked on at once, and what comes meanwhile is taken up by whichever is free first")
    func lanes() async throws {
        let (numbers, first, second) = (Numbers(capacity: 100, lanes: 2), Desk(), Desk())
        let one = Task { try await numbers.ask(1, about: 0, first.answer) }
        while first.batches.withLock(\.isEmpty), !Task.isCancelled { await Task.yield() }
        let two = Task { try await numbers.ask(2, about: 0, second.answer) }
        while second.batches.withLock(\.isEmpty), !Task.isCancelled { await Task.yield() }
        let others = await ask([3, 4], numbers, first)
        second.open()
        #expect(try await two.value == "2")
        // The second lane goes on with the work that it began with.
        second.open()
        for (task, answer) in zip(others, ["3", "4"]) { #expect(try await task.value == answer) }
        #expect(second.batches.withLock(\.self) == [[2], [3, 4]])
        first.open()
        #expect(try await one.value == "1")
        while numbers.count(about: 0) != 0, !Task.isCancelled { await Task.yield() }
    }

    @Test("As much goes together as there is room for; what is too heavy by itself goes alone")
    func capacity() async throws {
        let numbers = Numbers(capacity: 10) { $0 }
        let desk = Desk()
        let tasks = await ask([1, 4, 6, 5, 30, 2], numbers, desk)
        desk.open(5)
        for task in tasks { _ = try await task.value }
        #expect(desk.batches.withLock(\.self) == [[1], [4, 6], [5], [30], [2]])
    }

    @Test("A cancelled question gives its place back; the first one's end is no end of the others")
    func cancelled() async throws {
        let (numbers, desk) = (Numbers(capacity: 100), Desk())
        let tasks = await ask([1, 2, 3], numbers, desk)
        tasks[0].cancel()
        tasks[1].cancel()
        await #expect(throws: CancellationError.self) { try await tasks[1].value }
        desk.open(2)
        // It was being answered already.
        #expect(try await tasks[0].value == "1")
        #expect(try await tasks[2].value == "3")
        #expect(desk.batches.withLock(\.self) == [[1], [3]])
        let late = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await numbers.ask(5, about: 0, desk.answer)
        }
        await #expect(throws: CancellationError.self) { try await late.value }
        #expect(numbers.count(about: 0) == 0)
    }
}
