import Experiment

extension SweepPlan {
    /// As `45 trials = 9 train + 45 generate`, or `45 trials` where each is a stage of its own.
    var shares: String {
        guard method == "grid" else {
            return "trials drawn by \(method)" + (trialLimit.map { ", at most \($0)" } ?? "")
        }
        var names: [String] = []
        for stage in stages where !names.contains(stage.name) { names.append(stage.name) }
        let counts = names.map { name in "\(stages.count { $0.name == name }) \(name)" }
        let words = "\(trials.count) \(trials.count == 1 ? "trial" : "trials")"
        return stages.count == trials.count && names.count < 2 ? words : "\(words) = \(counts.joined(separator: " + "))"
    }
}
