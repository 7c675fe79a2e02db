import Synchronization
import TrackerStore

/// The searches of the sweeps that were asked for last: their definitions are parsed once.
final class TrialSearches: Sendable {
    private static let limit = 64

    private let known = Mutex<[SearchSource: PlannedSearch]>([:])

    var maker: TrialSearchMaker { { [self] in try search($0) } }

    private func search(_ source: SearchSource) throws -> PlannedSearch {
        if let search = known.withLock({ $0[source] }) { return search }
        let search = try PlannedSearch(source)
        return known.withLock { known in
            if let other = known[source] { return other }
            if known.count >= Self.limit { known.removeAll() }
            known[source] = search
            return search
        }
    }
}
