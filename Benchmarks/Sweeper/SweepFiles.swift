import Experiment
import Foundation

/// The sweeps that are measured.
enum SweepFiles {
    /// Six parameters as in `peers/optuna_peer.py`; a grid of 27,000 combinations.
    static func search(_ method: String) -> String {
        let parameters =
            method == "grid"
            ? "{a: {min: 1, max: 30}, b: {min: 1, max: 30}, c: {min: 1, max: 30}}"
            : """
            {lr: {distribution: log_uniform_values, min: 1e-5, max: 1.0}, x: {min: 0.0, max: 1.0},
            y: {min: -5.0, max: 5.0}, depth: {min: 1, max: 16}, kind: {values: [a, b, c, d]},
            drop: {distribution: q_uniform, min: 0, max: 0.5, q: 0.05}}
            """
        return """
            name: search-\(method)
            project: benchmark
            method: \(method)
            program: /bin/true
            metric: {name: loss}
            parameters: \(parameters)
            """
    }

    static func loss(_ config: [String: JSONValue]) -> Double {
        func number(_ key: String) -> Double { config[key]?.number ?? 0 }
        return pow(log10(number("lr")) + 3, 2) + pow(number("x") - 0.3, 2) + pow(number("y") - 1, 2) / 10
            + pow(number("depth") - 9, 2) / 30 + number("drop") + (config["kind"] == .string("c") ? 0 : 0.5)
    }

    /// 10,000 trials of one stage each.
    static let grid = """
        name: grid
        project: benchmark
        method: grid
        program: /bin/true
        metric: {name: loss}
        parameters:
          a: {min: 1, max: 10}
          b: {min: 1, max: 10}
          c: {min: 1, max: 10}
          d: {values: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]}
          kind: {value: fixed}
        """

    /// Trials that write down when they begin, sleep, and write down when they end.
    static func sleeping(trials: Int, program: String) -> String {
        """
        name: sleeping-\(trials)
        project: benchmark
        method: grid
        program: \(program)
        command: [/bin/sh, "${program}", "${args}"]
        parameters: {trial: {min: 1, max: \(trials)}}
        """
    }
}
