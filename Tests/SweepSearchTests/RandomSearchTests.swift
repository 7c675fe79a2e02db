import Experiment
import SweepDefinition
import SweepSearch
import Testing

@Suite("Random search")
struct RandomSearchTests {
    @Test("The same seed draws the same configuration, another one another")
    func replay() throws {
        let searcher = try searcher(
            "method: random\nparameters: {lr: {min: 0.0, max: 1.0}, o: {parameters: {k: {min: 1, max: 1000000}}}}")
        let first = try #require(searcher.next(after: [], seed: 42, number: 0))
        #expect(searcher.next(after: [PastRun(.finished, first)], seed: 42, number: 0) == first)
        #expect(searcher.next(after: [], seed: 43, number: 0) != first)
        #expect(searcher.expectedRuns == nil)
    }

    @Test("Draws follow their distributions")
    func statistics() throws {
        let searcher = try searcher(
            """
            method: random
            parameters:
              u: {min: -1.0, max: 3.0}
              n: {distribution: normal, mu: 5, sigma: 2}
              i: {min: 1, max: 4}
              c: {values: [a, b], probabilities: [0.2, 0.8]}
            """)
        let runs = draw(searcher, count: 4000)
        func mean(_ key: String) -> Double {
            runs.compactMap { $0.config[key]?.number }.reduce(0, +) / Double(runs.count)
        }
        // Four standard errors.
        #expect(abs(mean("u") - 1) < 4 * 1.155 / 63)
        #expect(abs(mean("n") - 5) < 4 * 2.0 / 63)
        #expect(abs(mean("i") - 2.5) < 4 * 1.118 / 63)
        #expect(Set(runs.compactMap { $0.config["i"] }) == [.int(1), .int(2), .int(3), .int(4)])
        let share = Double(runs.count { $0.config["c"] == .string("a") }) / 4000
        #expect(abs(share - 0.2) < 4 * 0.4 / 63)
    }
}
