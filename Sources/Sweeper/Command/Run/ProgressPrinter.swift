import Output
import Experiment
import Foundation
import SweepScheduler
import Synchronization

/// Shows on standard error how far a sweep is: one line that is painted over on a terminal, plain lines elsewhere.
final class ProgressPrinter: Sendable {
    private struct State {
        var counts: StageCounts
        /// So many trials there will be, where they are drawn one by one; 0 without a limit, nil where all are planned.
        var expected: Int?
        var doneAtStart: Int
        var running: [String: String] = [:]
        var lineShown = false
        var hasEnded = false

        /// What is drawn without a limit has as many as were begun.
        var total: Int {
            guard let expected else { return counts.total }
            return expected > 0 ? max(counts.total, expected) : counts.done + counts.claimed
        }
        /// Stages that are not over.
        var left: Int {
            let known = counts.pending + counts.claimed
            return expected.map { max(known, $0 - counts.done - counts.stopped - counts.failed) } ?? known
        }

        /// Keeps count between two answers of the tracker.
        mutating func note(_ event: SchedulerEvent) {
            switch event {
            case .started(let claim):
                running[claim.stageKey] = claim.words
                counts.pending -= 1
                counts.claimed += 1
            case .adopted(let claim):
                running[claim.stageKey] = claim.words
            case .succeeded(let claim):
                running[claim.stageKey] = nil
                counts.claimed -= 1
                counts.done += 1
            case .reused:
                counts.pending -= 1
                counts.done += 1
                doneAtStart += 1
            case .stopped(let claim, _):
                if running.removeValue(forKey: claim.stageKey) != nil { counts.claimed -= 1 }
            case .failed(let claim, _, let retry):
                // Not in `running` when it could not even be started.
                if running.removeValue(forKey: claim.stageKey) == nil { break }
                counts.claimed -= 1
                if retry { counts.pending += 1 } else { counts.failed += 1 }
            case .lost(let claim):
                running[claim.stageKey] = nil
            case .counts(let sweep):
                counts = sweep.stages
            case .trackerAway, .trackerBack, .warning, .slotClosed: break
            }
        }
    }

    private let state: Mutex<State>
    private let started = ContinuousClock.now
    private let isTerminal = isatty(STDERR_FILENO) == 1

    init(_ sweep: SweepSummary) {
        let isPlanned = sweep.expectedTrials == sweep.trials
        state = Mutex(
            State(
                counts: sweep.stages, expected: isPlanned ? nil : sweep.expectedTrials ?? 0,
                doneAtStart: sweep.stages.done))
    }

    @Sendable func handle(_ event: SchedulerEvent) {
        state.withLock { state in
            state.note(event)
            if let line = sentence(event, state) { show(line, &state) }
            paint(&state)
        }
    }

    func tick() { state.withLock { paint(&$0) } }

    func end() {
        state.withLock { state in
            state.hasEnded = true
            clear(&state)
        }
    }

    private func sentence(_ event: SchedulerEvent, _ state: State) -> String? {
        let position = "[\(state.counts.done)/\(state.total)]"
        return switch event {
        case .started(let claim):
            "\(position) started \(claim.words)" + (claim.attempt > 1 ? ", attempt \(claim.attempt)" : "")
        case .adopted(let claim): "\(position) \(claim.words) is running still; watching it"
        case .succeeded(let claim): "\(position) done \(claim.words)\(estimate(state))"
        case .reused(let claim, let reuse):
            "\(position) taken over \(claim.words) from run \(reuse.run) of \(reuse.sweepName)"
        case .stopped(let claim, let reason): "\(position) stopped \(claim.words): \(reason)"
        case .failed(let claim, let message, let retry):
            "\(position) \(claim.words) failed\(retry ? " and is tried again" : ""): \(message)"
        case .lost(let claim): "\(position) another sweeper has \(claim.words) now"
        case .trackerAway(let reason): "\(reason); trainers go on, waiting for it"
        case .trackerBack: "the tracker is back"
        case .warning(let text): text
        case .slotClosed(let failures): "a slot closes: \(failures) failures in a row"
        case .counts: nil
        }
    }

    /// As `; 3.1 stages a minute, about 12 min left`.
    private func estimate(_ state: State) -> String {
        let seconds = started.duration(to: .now) / .seconds(1)
        let done = state.counts.done - state.doneAtStart
        guard done > 0, seconds > 2, state.left > 0 else { return "" }
        let left = Double(state.left) * seconds / Double(done)
        let rate = (Double(done) / seconds * 600).rounded() / 10
        return "; \(rate) stages a minute, about \(left < 90 ? "\(Int(left)) s" : "\(Int(left / 60)) min") left"
    }

    private func show(_ line: String, _ state: inout State) {
        clear(&state)
        printNote(line)
    }

    private func clear(_ state: inout State) {
        guard state.lineShown else { return }
        state.lineShown = false
        FileHandle.standardError.write(Data("\r\u{1B}[K".utf8))
    }

    private func paint(_ state: inout State) {
        guard isTerminal, !state.hasEnded else { return }
        clear(&state)
        let titles = state.running.values.sorted().joined(separator: ", ")
        let line = "\(state.counts.done)/\(state.total) stages\(estimate(state)); running: \(titles)"
        FileHandle.standardError.write(Data(Terminal.printable(String(line.prefix(columns - 1))).utf8))
        state.lineShown = true
    }

    private var columns: Int {
        var size = winsize()
        return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 20 ? Int(size.ws_col) : 80
    }
}

extension StageClaim {
    fileprivate var words: String { "\(stage) \(title)" }
}
