import Output
import Experiment

extension SweepPlan {
    /// As `45 trials = 9 train + 45 generate`.
    var shares: String {
        var names: [String] = []
        for stage in stages where !names.contains(stage.name) { names.append(stage.name) }
        let counts = names.map { name in "\(stages.count { $0.name == name }) \(name)" }
        return "\(trials.count) \(trials.count == 1 ? "trial" : "trials") = \(counts.joined(separator: " + "))"
    }

    /// A row for each trial: the parameters that vary, and the first digits of its stages' keys, by which one sees
    /// which stages are shared.
    var table: Table {
        let names = trials.first.map { $0.config.keys.sorted() } ?? []
        let varied = names.filter { name in trials.contains { $0.config[name] != trials[0].config[name] } }
        let stageNames = Dictionary(stages.map { ($0.key, $0.name) }) { first, _ in first }
        let stageColumns = trials.first.map { $0.stages.compactMap { stageNames[$0] } } ?? []
        return Table(
            columns: ["trial"] + varied + stageColumns,
            rows: trials.map { trial in
                [.init(trial.number)] + varied.map { .init(trial.config[$0]) }
                    + trial.stages.map { .text(String($0.prefix(8))) }
            })
    }
}
