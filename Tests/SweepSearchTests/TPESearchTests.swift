import Experiment
import Glibc
import SweepDefinition
import Testing

@testable import SweepSearch

@Suite("Tree-structured Parzen estimator")
struct TPESearchTests {
    private static let seeds: [UInt64] = [1, 2, 3, 4, 5, 6, 7]

    private func best(_ method: String, _ landscape: Landscape, seed: UInt64, count: Int) throws -> Double {
        let searcher = try searcher(
            "method: \(method)\nprogram: x\nmetric: {name: loss}\nparameters: \(landscape.parameters)")
        let runs = draw(searcher, count: count, seed: seed, metric: landscape.value)
        #expect(runs.count == count)
        return runs.compactMap(\.minimum).min() ?? .infinity
    }

    @Test("It beats random search on each function: in the median of seven seeds", arguments: Landscape.allCases)
    func beatsRandom(landscape: Landscape) throws {
        func median(_ method: String) throws -> Double {
            try Self.seeds.map { try best(method, landscape, seed: $0, count: 80) }.sorted()[Self.seeds.count / 2]
        }
        let (tpe, random) = (try median("tpe"), try median("random"))
        #expect(tpe < random, "tpe \(tpe), random \(random)")
    }

    @Test("Its density integrates to one, whatever its points")
    func density() {
        let coordinates: [ParzenEstimator.Coordinate] = [.number(step: 0), .choice([0.25: 0.5, 0.75: 0.5])]
        for points in [[], [[0.1, 0.25]], [[0.1, 0.25], [0.95, 0.75], [0.5, 0.75]], [[0, .nan], [.nan, 0.25]]] {
            let estimator = ParzenEstimator(points, coordinates)
            var sum = 0.0
            for step in 0..<2000 {
                let x = (Double(step) + 0.5) / 2000
                for place in [0.25, 0.75] { sum += exp(estimator.logDensity([x, place])) / 2000 }
            }
            #expect(abs(sum - 1) < 1e-3, "\(points.count) points: \(sum)")
            let marginal = exp(estimator.logDensity([.nan, 0.25])) + exp(estimator.logDensity([.nan, 0.75]))
            #expect(abs(marginal - 1) < 1e-9)
        }
    }

    @Test("Samples come from the density")
    func samples() {
        let estimator = ParzenEstimator(
            [[0.2, 0.25], [0.25, 0.25], [0.3, 0.25]], [.number(step: 0), .choice([0.25: 0.5, 0.75: 0.5])])
        var generator = SeededGenerator(seed: 3)
        let samples = (0..<4000).map { _ in estimator.sample(&generator) }
        #expect(samples.allSatisfy { (0...1).contains($0[0]) })
        // A quarter from the prior, half of it at 0.25; of the rest 3/5, and half of the other 2/5.
        let share = Double(samples.count { $0[1] == 0.25 }) / 4000
        let fromPrior = Double(samples.count { $0[1] != 0.25 && $0[1] != 0.75 }) / 4000
        #expect(share > 0.4 && fromPrior > 0.3, "\(share) \(fromPrior)")
        let mean = samples.map { $0[0] }.reduce(0, +) / 4000
        let expected = (0..<1000).reduce(0.0) { sum, step in
            let x = (Double(step) + 0.5) / 1000
            return sum + x * exp(estimator.logDensity([x, .nan])) / 1000
        }
        // Five standard errors of a spread that is at most 0.3.
        #expect(abs(mean - expected) < 5 * 0.3 / 63, "\(mean), expected \(expected)")
    }

    /// Runs at places of x in [0, 1], the earlier the better.
    private func runs(_ places: [(x: Double, count: Int)]) -> [PastRun] {
        places.flatMap { repeatElement($0.x, count: $0.count) }.enumerated().map { rank, x in
            PastRun(.finished, ["x": .double(x + Double(rank) * 1e-4)], value: Double(rank))
        }
    }

    @Test(
        "Densities are of the best tenth, of all others, and of what is under way",
        arguments: [
            // Best first. Three of 30 are the best tenth: what comes after them does not attract.
            ([(0.2, 3), (0.8, 6), (0.5, 21)], 0, 0.2),
            // Where as many others are as good ones, nothing is to be gained.
            ([(0.2, 2), (0.8, 1), (0.2, 27)], 0, 0.8),
            // Nor where many look already.
            ([(0.2, 2), (0.8, 1), (0.5, 27)], 0, 0.2),
            ([(0.2, 2), (0.8, 1), (0.5, 27)], 30, 0.8),
        ] as [([(Double, Int)], Int, Double)])
    func densities(places: [(Double, Int)], running: Int, expected: Double) throws {
        let searcher = try searcher(
            "method: tpe\nprogram: x\nmetric: {name: loss}\nparameters: {x: {min: 0.0, max: 1.0}}")
        let runs = runs(places) + repeatElement(PastRun(.running, ["x": .double(0.2)]), count: running)
        let found = try (1...40).map { seed in
            try #require(searcher.next(after: runs, seed: seed, number: 0)?["x"]?.number)
        }
        func near(_ place: Double) -> Int { found.count { abs($0 - place) < 0.15 } }
        #expect(near(expected) > 15 && near(1 - expected) < 5, "near \(expected): \(found.sorted())")
    }

    @Test("The first ten are drawn at random, whatever the values are")
    func startup() throws {
        let searcher = try searcher(
            "method: tpe\nprogram: x\nmetric: {name: loss}\nparameters: {x: {min: 0.0, max: 1.0}}")
        func next(_ count: Int, at x: Double) -> [[String: JSONValue]?] {
            (1...8).map { searcher.next(after: runs([(x, 1), (0.5, count - 1)]), seed: $0, number: 0) }
        }
        #expect(next(9, at: 0.2) == next(9, at: 0.9))
        #expect(next(10, at: 0.2) != next(10, at: 0.9))
    }

    @Test("Runs without value, with hostile values or all alike neither trap nor end the search")
    func edges() throws {
        let searcher = try searcher(
            "method: tpe\nprogram: x\nmetric: {name: loss}\nparameters: \(Landscape.mixed.parameters)")
        let config = try #require(searcher.next(after: [], seed: 1, number: 0))
        let histories: [[PastRun]] = [
            (0..<20).map { _ in PastRun(.failed, config) },
            (0..<20).map { _ in PastRun(.finished, config, value: 1) },
            (0..<20).map { _ in PastRun(.finished, config, value: .nan) },
            (0..<20).map { PastRun(.finished, config, value: $0.isMultiple(of: 2) ? .infinity : 1e308) },
            (0..<20).map { PastRun(.finished, config, value: $0.isMultiple(of: 2) ? -1e308 : 1e308) },
            (0..<20).map { _ in PastRun(.running, config) },
            (0..<20).map { _ in PastRun(.finished, ["other": .int(1)], value: 1) },
            [PastRun(.finished, config, value: 1)],
        ]
        for (index, history) in histories.enumerated() {
            let next = try #require(searcher.next(after: history, seed: 2, number: index))
            #expect(Set(next.keys) == ["lr", "n", "kind", "w"])
            #expect((1...16).contains(next["n"]?.number ?? 0))
        }
    }

    @Test("Agents that ask while a good place is being tried are sent elsewhere")
    func parallel() throws {
        let searcher = try searcher(
            "method: tpe\nprogram: x\nmetric: {name: loss}\nparameters: \(Landscape.sphere.parameters)")
        var runs = draw(searcher, count: 30, metric: Landscape.sphere.value)
        var drawn: Set<[String: JSONValue]> = []
        for number in 0..<8 {
            let config = try #require(searcher.next(after: runs, seed: 5, number: number))
            drawn.insert(config)
            runs.append(PastRun(.running, config))
        }
        #expect(drawn.count == 8)
    }
}
