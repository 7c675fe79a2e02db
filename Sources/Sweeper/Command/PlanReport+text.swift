import Experiment
import Output

extension PlanReport {
    /// What people are told beside the table: one sentence a line.
    var notes: [String] {
        guard method == "grid" else {
            return ["sweep \(name): its trials are drawn by '\(method)' one by one, so there is nothing to list yet"]
        }
        return ["sweep \(name): \(shares)", reuseNote, hoursNote].compactMap(\.self)
    }

    private var shares: String {
        let counts = sharing.map { share in
            share.stages < share.unshared
                ? "\(share.stages) \(share.stage) (shared, not \(share.unshared))" : "\(share.stages) \(share.stage)"
        }
        let words = "\(trials.count) \(trials.count == 1 ? "trial" : "trials")"
        let isPlain = stages.count == trials.count && sharing.count < 2
        return isPlain ? words : "\(words) = \(counts.joined(separator: " + "))"
    }

    private var reuseNote: String? {
        if let reason = reuse.reason { return "reuse: not known, \(reason)" }
        let again =
            reuse.damaged.first.map { "; \(reuse.damaged.count) will run again, the first because \($0.reason)" } ?? ""
        return reuse.stages.isEmpty
            ? "reuse: nothing of it is done yet\(again)"
            : "reuse: \(reuse.stages.count) of \(stages.count) stages are done already and will be taken over\(again)"
    }

    private var hoursNote: String {
        guard let hours = gpuHours.hours, let trainers = gpuHours.trainerHours else {
            // One tracker that does not answer is said once.
            if let reason = gpuHours.reason, reason == reuse.reason { return "GPU hours: not known either" }
            return "GPU hours: unknown, \(gpuHours.reason ?? "no run was measured yet")"
                + (gpuHours.unmeasured < stages.count ? " (\(gpuHours.unmeasured) of \(stages.count) stages)" : "")
        }
        return "GPU hours: \(NumberText.short(hours)); trainers run \(NumberText.short(trainers)) hours in all"
    }

    /// A row for each trial: the parameters that vary, and the first digits of its stages' keys, by which one sees
    /// which stages are shared. A star marks what is done already.
    func table(limit: Int?) -> Table {
        var known: Set<String> = []
        for trial in trials { known.formUnion(trial.config.keys) }
        let varied = known.sorted().filter { name in
            trials.contains { $0.config[name] != trials[0].config[name] }
        }
        let done = Set(reuse.stages)
        return Table(
            columns: ["trial"] + varied + sharing.map(\.stage),
            rows: trials.prefix(limit ?? trials.count).map { trial in
                [.init(trial.number)] + varied.map { .init(trial.config[$0]) }
                    + trial.stages.map { .text(String($0.prefix(8)) + (done.contains($0) ? "*" : "")) }
            })
    }
}
