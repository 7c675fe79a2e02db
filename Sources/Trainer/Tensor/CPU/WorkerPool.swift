import CKernels
import Glibc
import Synchronization

/// Threads that share out the pieces of one piece of work at a time.
///
/// The caller works too: a pool of 1 has no threads and no overhead. Pieces must not start work on the same pool.
package final class WorkerPool: @unchecked Sendable {
    /// Threads that work, the caller's included.
    package let width: Int

    // One job at a time: written by the caller before the generation rises, and again after all workers are done.
    private var job: Job?
    private var isStopping = false
    private var mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private var wakeUp = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var threads: [pthread_t] = []
    /// Counts jobs, so that workers see a new one.
    private let generation = Atomic<Int>(0)
    private let nextPiece = Atomic<Int>(0)
    private let busyWorkers = Atomic<Int>(0)
    /// Workers that no longer look, but want to be woken.
    private let sleepers = Atomic<Int>(0)

    private struct Job {
        let pieces: Int
        let body: (_ piece: Int, _ worker: Int) -> Void
    }

    /// How often a waiting thread looks before it sleeps: some 50 microseconds, about what waking it takes.
    private static let spins = 2000

    package init(width: Int) {
        self.width = max(1, width)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(wakeUp, nil)
        for worker in 1..<max(2, self.width) where worker < self.width {
            let start = Unmanaged.passRetained(WorkerStart(pool: Unmanaged.passUnretained(self), worker: worker))
            var thread = pthread_t()
            let status = pthread_create(
                &thread, nil,
                { argument in
                    guard let argument else { return nil }
                    let start = Unmanaged<WorkerStart>.fromOpaque(argument).takeRetainedValue()
                    start.pool._withUnsafeGuaranteedRef { $0.work(as: start.worker) }
                    return nil
                }, start.toOpaque())
            // Without this thread the others take its pieces.
            if status == 0 { threads.append(thread) } else { start.release() }
        }
    }

    deinit {
        pthread_mutex_lock(mutex)
        isStopping = true
        pthread_cond_broadcast(wakeUp)
        pthread_mutex_unlock(mutex)
        for thread in threads { pthread_join(thread, nil) }
        pthread_cond_destroy(wakeUp)
        pthread_mutex_destroy(mutex)
        wakeUp.deallocate()
        mutex.deallocate()
    }

    /// Calls `body` once for each piece, on any of the threads, and returns when all are done.
    ///
    /// `worker` is below ``width`` and tells concurrent calls apart, for scratch memory.
    package func run(pieces: Int, _ body: (_ piece: Int, _ worker: Int) -> Void) {
        guard pieces > 1, !threads.isEmpty else {
            for piece in 0..<pieces { body(piece, 0) }
            return
        }
        withoutActuallyEscaping(body) { body in
            nextPiece.store(0, ordering: .relaxed)
            busyWorkers.store(threads.count, ordering: .relaxed)
            let job = Job(pieces: pieces, body: body)
            self.job = job
            generation.add(1, ordering: .sequentiallyConsistent)
            // A worker counts itself before its last look, so either it sees the job or it is seen here.
            if sleepers.load(ordering: .sequentiallyConsistent) > 0 {
                pthread_mutex_lock(mutex)
                pthread_cond_broadcast(wakeUp)
                pthread_mutex_unlock(mutex)
            }
            takePieces(of: job, as: 0)
            var looks = 0
            while busyWorkers.load(ordering: .acquiring) > 0 {
                looks += 1
                if looks > WorkerPool.spins { sched_yield() } else { processor_pause() }
            }
            self.job = nil
        }
    }

    /// Cuts `0 ..< count` in ranges of at least `grain` and calls `body` with each.
    package func forRanges(_ count: Int, grain: Int, _ body: (_ range: Range<Int>, _ worker: Int) -> Void) {
        // Two ranges a thread even out what other programs take of the processors.
        let pieces = max(1, min(count / max(1, grain), width == 1 ? 1 : 2 * width))
        run(pieces: pieces) { piece, worker in
            let range = (piece * count / pieces)..<((piece + 1) * count / pieces)
            if !range.isEmpty { body(range, worker) }
        }
    }

    private func takePieces(of job: Job, as worker: Int) {
        while true {
            let piece = nextPiece.add(1, ordering: .relaxed).oldValue
            guard piece < job.pieces else { return }
            job.body(piece, worker)
        }
    }

    private func work(as worker: Int) {
        var seen = 0
        while takePart(inJobAfter: seen, as: worker) {
            seen += 1
            busyWorkers.subtract(1, ordering: .releasing)
        }
    }

    /// False when the pool is going away.
    ///
    /// Never inlined: the worker's hold on the job must end before the caller learns that the worker is done with it.
    @inline(never)
    private func takePart(inJobAfter seen: Int, as worker: Int) -> Bool {
        guard let job = waitForJob(after: seen) else { return false }
        takePieces(of: job, as: worker)
        return true
    }

    /// Nil when the pool is going away. Every worker takes part in every job, so none is missed.
    private func waitForJob(after seen: Int) -> Job? {
        var looks = 0
        while generation.load(ordering: .acquiring) == seen, looks < WorkerPool.spins {
            processor_pause()
            looks += 1
        }
        if generation.load(ordering: .acquiring) != seen { return job }
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        sleepers.add(1, ordering: .sequentiallyConsistent)
        defer { sleepers.subtract(1, ordering: .sequentiallyConsistent) }
        while generation.load(ordering: .sequentiallyConsistent) == seen, !isStopping {
            pthread_cond_wait(wakeUp, mutex)
        }
        return isStopping ? nil : job
    }
}

/// What a thread needs to start; the pool outlives its threads, which its `deinit` joins.
private final class WorkerStart {
    let pool: Unmanaged<WorkerPool>
    let worker: Int

    init(pool: Unmanaged<WorkerPool>, worker: Int) {
        self.pool = pool
        self.worker = worker
    }
}
