import Foundation
import SweepScheduler
import Synchronization

/// A clock that moves when somebody sleeps: as fast as the scheduler can go.
final class FakeClock: Timekeeper {
    private let time = Mutex(Date(timeIntervalSince1970: 0))

    var now: Date { time.withLock { $0 } }

    func sleep(seconds: Double) async throws {
        try Task.checkCancellation()
        advance(seconds)
        await Task.yield()
    }

    func advance(_ seconds: Double) { time.withLock { $0.addTimeInterval(seconds) } }
}
