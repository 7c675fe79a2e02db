package import Experiment
import Synchronization

/// Which runs and sweeps have changed lately, for whoever follows them.
///
/// Changes of one of them that nobody has fetched yet become one, so that memory and messages are bounded by runs and not by
/// points. Followers ask for what is newer than the number they have got to (see ``since(_:)``).
package final class RunChanges: Sendable {
    package enum Change: Sendable, Hashable {
        case run(RunChange)
        case sweep(SweepChange)

        package var project: String {
            switch self {
            case .run(let change): change.project
            case .sweep(let change): change.project
            }
        }
    }

    /// Runs and sweeps remembered.
    private static let capacity = 4096

    private enum Key: Hashable {
        case run(RunID)
        case sweep(String)
    }

    private struct Entry {
        var number: Int64
        var change: Change
    }

    private struct State {
        var number: Int64 = 0
        var points = 0
        var entries: [Key: Entry] = [:]
        /// Changes up to this number may have been forgotten.
        var forgotten: Int64 = 0
    }

    private let state = Mutex(State())
    /// Tells numbers of this counter from those of another process.
    package let epoch = RunID.random().rawValue

    package init() {}

    /// `step`: the highest of the new points; `points`: how many there are.
    package func publish(
        run: RunID, project: String, _ kinds: Set<RunChange.Kind>, step: Int64? = nil, points: Int = 0
    ) {
        guard !kinds.isEmpty else { return }
        state.withLock { state in
            state.number += 1
            state.points += points
            var all = kinds
            var last = step
            if case .run(let known)? = state.entries[.run(run)]?.change {
                all.formUnion(known.changed)
                last = [step, known.step].compactMap(\.self).max()
            }
            let change = RunChange(run: run, project: project, changed: all.sorted(), step: last)
            state.entries[.run(run)] = Entry(number: state.number, change: .run(change))
            if state.entries.count > Self.capacity { Self.forgetOldest(&state) }
        }
    }

    /// Something of a sweep's stages or state has changed.
    package func publish(sweep: String, project: String) {
        state.withLock { state in
            state.number += 1
            let change = SweepChange(sweep: sweep, project: project)
            state.entries[.sweep(sweep)] = Entry(number: state.number, change: .sweep(change))
            if state.entries.count > Self.capacity { Self.forgetOldest(&state) }
        }
    }

    /// Points that were committed since this process began.
    package var points: Int { state.withLock { $0.points } }

    /// The number of the newest change.
    package var newest: Int64 { state.withLock { $0.number } }

    /// Changes after `number`, oldest first; nil where some of them have been forgotten.
    package func since(_ number: Int64) -> [(number: Int64, change: Change)]? {
        state.withLock { state in
            guard number != state.number else { return [] }
            guard number >= state.forgotten, number < state.number else { return nil }
            return state.entries.values.filter { $0.number > number }.sorted { $0.number < $1.number }
                .map { ($0.number, $0.change) }
        }
    }

    /// Half of them at once, so that it is rare.
    private static func forgetOldest(_ state: inout State) {
        let numbers = state.entries.values.map(\.number).sorted()
        state.forgotten = numbers[numbers.count / 2]
        state.entries = state.entries.filter { $0.value.number > state.forgotten }
    }
}
