import Experiment
import Output

/// What `sweeper status --watch` shows of a sweep, as lines of a fixed width: pure, so that it can be tested.
struct WatchScreen {
    /// Columns; longer lines are cut.
    var width: Int
    /// Stages at work that are listed; the rest is a number.
    var maximumRows = 20

    func lines(_ sweep: SweepSummary, _ stages: [StageStatus], secondsLeft: Double?, note: (StageStatus) -> String)
        -> [String]
    {
        let counts = sweep.stages
        var lines = ["\(sweep.name) (\(sweep.id)) is \(sweep.state.rawValue)\(best(sweep))"]
        let done = sweep.drawn == nil ? counts.done + counts.stopped : sweep.trialsDone
        let total = sweep.drawn == nil ? counts.total : sweep.expectedTrials ?? sweep.trials
        lines.append(bar(done, of: total, after: sweep.isOver ? nil : secondsLeft))
        lines.append(
            "\(sweep.trialsDone) of \(sweep.trials) trials; stages: \(counts.claimed) running, \(counts.pending) pending"
                + words(counts.failed, "failed") + words(counts.blocked, "blocked") + words(counts.stopped, "stopped"))
        let running = stages.filter { $0.state == .claimed }
        let failed = stages.filter { $0.state == .failed }
        let shown = (running + failed).prefix(maximumRows)
        if !shown.isEmpty {
            lines.append("")
            let table = Table(
                columns: ["state", "stage", "title", "run", "note"],
                rows: shown.map { stage in
                    [
                        .text(stage.state == .claimed ? "running" : "failed"), .text(stage.name), .text(stage.title),
                        .text(stage.run.rawValue), .text(note(stage)),
                    ]
                })
            lines += TextTable(width: width).text(table).split(separator: "\n").map(String.init)
            let hidden = running.count + failed.count - shown.count
            if hidden > 0 { lines.append("and \(hidden) more") }
        }
        return lines.map { String(Terminal.printable($0).prefix(width)) }
    }

    /// One line for files and pipes: everything that changes, in a fixed order.
    static func line(_ sweep: SweepSummary, secondsLeft: Double?) -> String {
        let counts = sweep.stages
        return "\(sweep.name) \(sweep.state.rawValue): \(sweep.trialsDone)/\(sweep.trials) trials; stages "
            + "\(counts.done) done, \(counts.claimed) running, \(counts.pending) pending, \(counts.failed) failed"
            + (sweep.best.map { "; best \(NumberText.short($0.value))" } ?? "")
            + (sweep.isOver ? "" : secondsLeft.map { "; about \(Duration.words(seconds: $0)) left" } ?? "")
    }

    private func best(_ sweep: SweepSummary) -> String {
        guard let best = sweep.best, let metric = sweep.metric else { return "" }
        let place = best.trial.map { "trial \($0), run \(best.run.rawValue)" } ?? "run \(best.run.rawValue)"
        return "; best \(metric) \(NumberText.short(best.value)) (\(place))"
    }

    private func words(_ count: Int, _ word: String) -> String { count > 0 ? ", \(count) \(word)" : "" }

    /// As `[#####.....]  50 %, about 12 min left`.
    private func bar(_ done: Int, of total: Int, after secondsLeft: Double?) -> String {
        let share = total > 0 ? min(1, Double(done) / Double(total)) : 0
        let cells = max(10, min(40, width - 40))
        let full = Int(share * Double(cells))
        return "[" + String(repeating: "#", count: full) + String(repeating: ".", count: cells - full) + "] "
            + "\(Int(share * 100)) %, \(done)/\(total)"
            + (secondsLeft.map { ", about \(Duration.words(seconds: $0)) left" } ?? "")
    }
}

extension Duration {
    /// As `40 s`, `12 min`, `3 h 20 min`, `2 d 4 h`.
    static func words(seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e9 else { return "for ever" }
        let whole = Int(max(0, seconds).rounded(.up))
        return switch whole {
        case ..<90: "\(whole) s"
        case ..<5400: "\(Int((Double(whole) / 60).rounded())) min"
        case ..<172_800: "\(whole / 3600) h \(whole % 3600 / 60) min"
        default: "\(whole / 86400) d \(whole % 86400 / 3600) h"
        }
    }
}
