import Glibc
import Synchronization
import Testing

@testable import Tensor

@Suite("Worker pool")
struct WorkerPoolTests {
    @Test("Each piece is done exactly once, job after job", arguments: [1, 2, 5])
    func everyPiece(width: Int) {
        let pool = WorkerPool(width: width)
        var counts = [Int](repeating: 0, count: 37)
        for job in 0..<200 {
            // Long enough for the workers to fall asleep.
            if job % 40 == 39 { usleep(2000) }
            counts.withUnsafeMutableBufferPointer { counts in
                pool.run(pieces: counts.count) { piece, worker in
                    counts[piece] += (0..<width).contains(worker) ? 1 : 1000
                }
            }
        }
        #expect(counts.allSatisfy { $0 == 200 })
    }

    @Test("Ranges cover everything once", arguments: [0, 1, 5, 1000], [1, 3])
    func ranges(count: Int, width: Int) {
        let pool = WorkerPool(width: width)
        let total = Atomic<Int>(0)
        pool.forRanges(count, grain: 10) { range, _ in total.add(range.reduce(0, +), ordering: .relaxed) }
        #expect(total.load(ordering: .relaxed) == (0..<count).reduce(0, +))
    }
}

@Suite("Arena")
struct ArenaTests {
    @Test("Memory is aligned, apart, and one block from the second step on")
    func steps() {
        let arena = Arena()
        for _ in 0..<3 {
            arena.reset()
            let first = arena.allocate(100_000)
            let second = arena.allocate(3)
            first.update(repeating: 1, count: 100_000)
            second.update(repeating: 2, count: 3)
            #expect(first[99_999] == 1)
            #expect(UInt(bitPattern: second) % 64 == 0)
        }
        let held = arena.capacity
        arena.reset()
        _ = arena.allocate(100_003)
        #expect(arena.capacity == held)
    }

    @Test("Borrowed memory is handed out first, aligned, and nothing beyond its end")
    func loan() {
        let lender = FloatStorage(count: 200)
        let loan = UnsafeMutableBufferPointer(rebasing: lender.floats[3..<150])
        let arena = Arena(borrowing: loan)
        for _ in 0..<3 {
            arena.reset()
            let pieces = (0..<4).map { _ in arena.allocate(40) }
            // From 16 to 150 there is room for two pieces of 48.
            #expect(pieces[0] == lender.pointer + 16)
            #expect(pieces[1] == lender.pointer + 64)
            for piece in pieces { piece.update(repeating: 1, count: 40) }
            #expect(lender.floats.reduce(0, +) == 80)
            #expect(pieces.allSatisfy { UInt(bitPattern: $0) % 64 == 0 })
            lender.pointer.update(repeating: 0, count: 200)
        }
    }

    @Test("Scratch memory is handed out again")
    func scratch() {
        let arena = Arena()
        let inside = arena.scratch { arena.allocate(10) }
        #expect(arena.allocate(10) == inside)
    }
}
