package import Foundation

/// The clock that the scheduler waits by.
package protocol Timekeeper: Sendable {
    var now: Date { get }
    /// Throws `CancellationError` when the task is cancelled.
    func sleep(seconds: Double) async throws
}

package struct SystemTimekeeper: Timekeeper {
    package init() {}

    package var now: Date { Date() }
    package func sleep(seconds: Double) async throws { try await Task.sleep(for: .seconds(seconds)) }
}
