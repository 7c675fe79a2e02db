import Experiment
import SweepDefinition
import SweepSearch
import Testing

@Suite("Searches can be done again from the record")
struct SearchReplayTests {
    private static let methods = ["grid", "random", "bayes", "tpe", "qmc"]

    private func text(_ method: String) -> String {
        let x = method == "grid" ? "x: {min: 1, max: 300}" : "x: {min: 1.0, max: 300.0}"
        return """
            method: \(method)
            program: x
            metric: {name: loss}
            parameters: {\(x), kind: {values: [a, b, c]}, k: {values: [1, 2], when: kind == a}}
            exclude: [kind == c and x > 150]
            """
    }

    @Test("200 trials with results, and each of them again: the same configurations", arguments: methods)
    func replay(method: String) throws {
        func loss(_ config: [String: JSONValue]) -> Double {
            abs((config["x"]?.number ?? 0) - 77) + (config["kind"] == .string("b") ? 0 : 40)
        }
        // A Bayesian draw costs more; its replay needs no more of them to be told apart.
        let count = method == "bayes" ? 30 : 200
        let runs = draw(try searcher(text(method)), count: count, seed: 4, metric: loss)
        #expect(runs.count == count)
        // Another searcher, as after a restart of the server, in another order.
        let again = try searcher(text(method))
        for number in runs.indices.reversed() {
            let config = again.next(after: Array(runs[..<number]), seed: 4 * 7919, number: number)
            #expect(config == runs[number].config)
        }
        for run in runs {
            #expect(run.config["kind"] != .string("c") || (run.config["x"]?.number ?? 999) <= 150)
            #expect((run.config["k"] != nil) == (run.config["kind"] == .string("a")))
        }
    }

    @Test("Where constraints leave nothing, the search says so", arguments: ["random", "bayes", "tpe", "qmc"])
    func nothingLeft(method: String) throws {
        let searcher = try searcher(
            "method: \(method)\nprogram: x\nmetric: {name: m}\nparameters: {a: {min: 0.0, max: 1.0}}\nrequire: a > 2")
        #expect(searcher.draw(after: [], seed: 1, number: 0) == .over(.constraints))
    }

    @Test("Every end has its reason")
    func ends() throws {
        let grid = try searcher("method: grid\nprogram: x\nparameters: {a: {values: [1]}}")
        #expect(grid.draw(after: [PastRun(.finished, ["a": .int(1)])], seed: 1, number: 1) == .over(.exhausted))
        let capped = try searcher("method: random\nprogram: x\nrun_cap: 1\nparameters: {a: {values: [1, 2]}}")
        #expect(capped.draw(after: [PastRun(.finished, ["a": .int(1)])], seed: 1, number: 1) == .over(.limit))
        let aimed = try searcher(
            "method: tpe\nprogram: x\nmetric: {name: m, target: 3}\nparameters: {a: {values: [1, 2]}}")
        let done = PastRun(.finished, ["a": .int(1)], value: 2.5)
        #expect(aimed.draw(after: [done], seed: 1, number: 1) == .over(.target))
    }
}
