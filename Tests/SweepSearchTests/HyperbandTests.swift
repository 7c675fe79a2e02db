import Experiment
import SweepDefinition
@testable import SweepSearch
import Testing

@Suite("Hyperband")
struct HyperbandTests {
    private static let curves: [(run: String, isRunning: Bool, values: [Double])] = [
        ("r0", true, [0.24, 0.8, 0.58, 0.09, 0.43, 0.48, 0.16, 0.73, 0.11, 0.39]),
        ("r1", true, [0.48]),
        ("r2", true, [1.06, 0.38]),
        ("r3", false, [0.85, 0.44, 0.15, 1.12, 0.45, 0.46, 1.04, 0.74, 0.62]),
        ("r4", true, [0.91, 0.57, 0.29, 0.86, 1.13, 0.41]),
        ("r5", true, []),
        ("r6", true, [1.02, 0.52, 1.13, 0.96, 0.98, 1.12]),
        ("r7", false, [1.11, 1.23, 0.45, 1.2, 0.74, 0.83, 0.5, 1.05, 0.64]),
        ("r8", true, [0.96]),
    ]

    @Test(
        "It stops the runs that W&B's package stops",
        arguments: [
            (.minimize, "min_iter: 2, eta: 2", []), (.minimize, "min_iter: 3", ["r6"]),
            (.minimize, "max_iter: 12, s: 2, eta: 2, strict: false", ["r6"]),
            (.minimize, "max_iter: 9, s: 2", ["r0", "r2", "r6", "r8"]),
            (.minimize, "min_iter: 1, eta: 1.5, strict: false", []),
            (.maximize, "min_iter: 2, eta: 2", ["r0", "r2", "r4"]), (.maximize, "min_iter: 3", ["r0", "r4"]),
            (.maximize, "max_iter: 12, s: 2, eta: 2, strict: false", []),
            (.maximize, "max_iter: 9, s: 2", ["r1", "r4", "r8"]),
            (.maximize, "min_iter: 1, eta: 1.5, strict: false", ["r1"]),
        ] as [(Goal, String, [String])])
    func stops(goal: Goal, settings: String, expected: [String]) throws {
        let definition = try Definition(
            text: """
                method: grid
                metric: {name: loss}
                early_terminate: {type: hyperband, \(settings)}
                parameters: {a: {value: 1}}
                """)
        guard case .hyperband(let settings)? = definition.earlyTermination else { throw Missing() }
        let hyperband = Hyperband(settings, goal: goal)
        let curves = Self.curves.map { RunCurve(run: $0.run, isRunning: $0.isRunning, values: $0.values) }
        #expect(hyperband.stops(curves) == expected)
    }

    @Test("Bands grow from min_iter, or shrink from max_iter to 1")
    func bands() {
        #expect(
            Hyperband(EarlyTermination.Hyperband(bands: .upward(from: 2)), goal: .minimize).bands.prefix(4) == [
                2, 6, 18, 54,
            ])
        let down = EarlyTermination.Hyperband(bands: .downward(from: 27, count: 9))
        #expect(Hyperband(down, goal: .minimize).bands == [1, 3, 9])
        let two = EarlyTermination.Hyperband(bands: .downward(from: 27, count: 2))
        #expect(Hyperband(two, goal: .minimize).bands == [3, 9])
    }

    @Test("One or two runs are never stopped at eta 2")
    func few() {
        let hyperband = Hyperband(EarlyTermination.Hyperband(bands: .upward(from: 1), eta: 2), goal: .minimize)
        #expect(hyperband.stops([.init(run: "a", isRunning: true, values: [9])]) == [])
        let both: [RunCurve] = [
            .init(run: "a", isRunning: true, values: [9]), .init(run: "b", isRunning: true, values: [1]),
        ]
        #expect(hyperband.stops(both) == [])
    }
}

private struct Missing: Error {}
