/// The clock that the scheduler waits by. Clocks on the wall are stepped and differ between machines, so none is read.
package protocol Timekeeper: Sendable {
    /// Seconds since some fixed moment; never goes back.
    var uptime: Double { get }
    /// Throws `CancellationError` when the task is cancelled.
    func sleep(seconds: Double) async throws
}

package struct SystemTimekeeper: Timekeeper {
    private let start = ContinuousClock.now

    package init() {}

    package var uptime: Double { start.duration(to: .now) / .seconds(1) }
    package func sleep(seconds: Double) async throws { try await Task.sleep(for: .seconds(seconds)) }
}
