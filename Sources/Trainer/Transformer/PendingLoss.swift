/// A batch's loss, which devices are still computing, and which ranks have to tell each other.
package final class PendingLoss {
    private let wait: () throws -> LossReport
    private var known: LossReport?

    init(wait: @escaping () throws -> LossReport) { self.wait = wait }

    /// Waits for it.
    package func report() throws -> LossReport {
        if let known { return known }
        let report = try wait()
        known = report
        return report
    }
}
