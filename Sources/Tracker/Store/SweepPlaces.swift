import Synchronization

/// Where sweeps are that were asked for by their ids: an id never becomes another sweep's, and no sweep changes its project.
/// Whether the sweep is there still, is for whoever reads its row to see.
final class SweepPlaces: Sendable {
    private static let capacity = 1000

    private let known = Mutex<[String: SweepPlace]>([:])

    /// Nil also for one of another project than `project`, where that is given.
    func place(id: String, project: String?) -> SweepPlace? {
        known.withLock { $0[id] }.flatMap { project == nil || project == $0.project ? $0 : nil }
    }

    func keep(_ place: SweepPlace) {
        known.withLock { known in
            if known.count >= SweepPlaces.capacity { known = [:] }
            known[place.id] = place
        }
    }

    func forget(id: String) { known.withLock { $0[id] = nil } }
}
