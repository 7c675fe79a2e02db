import Experiment
import Foundation
import SweepDefinition
import SweepSearch

/// Functions that searches are compared on; less is better.
enum Landscape: String, CaseIterable {
    case sphere
    case branin
    case mixed
    case conditional

    var parameters: String {
        switch self {
        case .sphere: "{x: {min: -5.0, max: 5.0}, y: {min: -5.0, max: 5.0}, z: {min: -5.0, max: 5.0}}"
        case .branin: "{x: {min: -5.0, max: 10.0}, y: {min: 0.0, max: 15.0}}"
        case .mixed:
            "{lr: {distribution: log_uniform_values, min: 1e-5, max: 1.0}, n: {min: 1, max: 16}, "
                + "kind: {values: [a, b, c, d]}, w: {distribution: q_uniform, min: 0, max: 1, q: 0.05}}"
        case .conditional:
            "{kind: {values: [sgd, adam]}, lr: {distribution: log_uniform_values, min: 1e-5, max: 1.0}, "
                + "momentum: {min: 0.0, max: 1.0, when: kind == sgd}}"
        }
    }

    func value(_ config: [String: JSONValue]) -> Double {
        func number(_ key: String) -> Double { config[key]?.number ?? .nan }
        switch self {
        case .sphere:
            return [number("x") - 1, number("y") + 2, number("z") - 3].reduce(0) { $0 + $1 * $1 }
        case .branin:
            let (x, y) = (number("x"), number("y"))
            let a = y - 5.1 / (4 * .pi * .pi) * x * x + 5 / .pi * x - 6
            return a * a + 10 * (1 - 1 / (8 * .pi)) * cos(x) + 10
        case .mixed:
            let rate = log10(number("lr")) + 3
            let size = (number("n") - 11) / 4
            let share = (number("w") - 0.35) * 3
            return rate * rate + size * size + share * share + (config["kind"] == .string("c") ? 0 : 1.5)
        case .conditional:
            let rate = log10(number("lr")) + 2
            guard config["kind"] == .string("sgd") else { return 1 + rate * rate }
            return rate * rate + 4 * (number("momentum") - 0.9) * (number("momentum") - 0.9)
        }
    }
}
