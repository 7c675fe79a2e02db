import Experiment
import Synchronization

/// What a sweep's search knows of its trials, kept between draws: reading 10,000 of them again for each suggestion would
/// cost more than the search.
///
/// A trial that is over changes no more, unless it is made pending again, which ``Contents/reopened`` tells.
package final class TrialCache: Sendable {
    struct Contents {
        /// ``SweepRow/reopened`` when this was read.
        var reopened: Int
        /// By number, from 1 on without gaps.
        var trials: [DrawnRun] = []
        /// Stages of those that are not over, by index in `trials`.
        var open: [Int: [String]] = [:]
    }

    private let contents = Mutex<Contents?>(nil)

    package init() {}

    /// Empty where what is kept is no longer so; to be put back when it has been brought up to date.
    func take(reopened: Int) -> Contents {
        contents.withLock { contents in
            defer { contents = nil }
            if let known = contents, known.reopened == reopened { return known }
            return Contents(reopened: reopened)
        }
    }

    func put(_ new: Contents) { contents.withLock { $0 = new } }
}
