import Experiment
import Synchronization

/// The configs of a sweep's trials: reading 10,000 of them again for each suggestion would cost more than the search.
package final class TrialCache: Sendable {
    private let configs = Mutex<[[String: JSONValue]]>([])

    package init() {}

    /// Trials are numbered from 1 without gaps, and none is ever changed or taken away.
    var count: Int { configs.withLock(\.count) }

    /// `first`: number of the first of `new`. What another has added meanwhile is passed over.
    func add(_ new: [[String: JSONValue]], from first: Int) {
        configs.withLock { configs in
            guard first <= configs.count + 1 else { return }
            configs += new.dropFirst(configs.count + 1 - first)
        }
    }

    func all() -> [[String: JSONValue]] { configs.withLock(\.self) }
}
