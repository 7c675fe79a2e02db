import Experiment
import SweepDefinition
import Testing

@testable import SweepSearch

@Suite("Grids with exclude, require, zip and when")
struct ConstrainedGridTests {
    private func configs(_ rest: String) throws -> [[String: JSONValue]] {
        let definition = try Definition(
            text: """
                method: grid
                program: x
                parameters:
                  c: {values: [1, 2, 3]}
                  a: {values: [1, 2]}
                  b: {values: [x, y, z]}
                \(rest)
                """, file: "s.yaml")
        let grid = try Grid(definition)
        return (0..<grid.count).map { grid.config(grid.choice($0)) }
    }

    /// All 18 combinations, in W&B's order.
    private static let all: [[String: JSONValue]] = [1, 2].flatMap { a in
        ["x", "y", "z"].flatMap { b in
            [1, 2, 3].map { c in ["a": .int(a), "b": .string(b), "c": .int(c)] }
        }
    }

    @Test("Without constraints the last name is fastest")
    func plain() throws { #expect(try configs("") == ConstrainedGridTests.all) }

    @Test("Constraints leave what brute force leaves, in the same order")
    func bruteForce() throws {
        let kept = ConstrainedGridTests.all.filter { config in
            !(config["a"] == .int(2) && config["b"] == .string("y")) && config["c"] != .int(2)
        }
        #expect(try configs("exclude: [a == 2 and b == y]\nrequire: c != 2") == kept)
        #expect(try configs("exclude: [{a: 2, b: y}, {c: [2]}]") == kept)
    }

    @Test("Zipped parameters advance together, at the place of the first name")
    func zipped() throws {
        let kept = ConstrainedGridTests.all.filter { config in
            let pairs: [JSONValue: JSONValue] = [.string("x"): .int(1), .string("y"): .int(2), .string("z"): .int(3)]
            return config["b"].flatMap { pairs[$0] } == config["c"]
        }
        #expect(try configs("zip: [c, b]") == kept)
    }

    @Test("A conditional parameter exists only where its condition holds, and nothing is there twice")
    func conditional() throws {
        let definition = try Definition(
            text: """
                method: grid
                program: x
                parameters:
                  b: {values: [1, 2], when: a == 2}
                  a: {values: [1, 2]}
                  c: {values: [7, 8], when: b == 2}
                """, file: "s.yaml")
        let grid = try Grid(definition)
        #expect(
            (0..<grid.count).map { grid.config(grid.choice($0)) } == [
                ["a": .int(1)], ["a": .int(2), "b": .int(1)],
                ["a": .int(2), "b": .int(2), "c": .int(7)], ["a": .int(2), "b": .int(2), "c": .int(8)],
            ])
    }

    @Test("A condition may read a conditional parameter that comes later by name")
    func conditionalOnLater() throws {
        let definition = try Definition(
            text: """
                method: grid
                program: x
                parameters:
                  a: {values: [1, 2]}
                  b: {values: [7, 8], when: c == 2}
                  c: {values: [1, 2], when: a == 2}
                """, file: "s.yaml")
        let grid = try Grid(definition)
        #expect(
            (0..<grid.count).map { grid.config(grid.choice($0)) } == [
                ["a": .int(1)], ["a": .int(2), "c": .int(1)],
                ["a": .int(2), "b": .int(7), "c": .int(2)], ["a": .int(2), "b": .int(8), "c": .int(2)],
            ])
    }

    @Test("Constraints that leave nothing are refused with the number of combinations")
    func nothingLeft() {
        let error = #expect(throws: SweepDefinitionError.self) { try configs("require: a == 7") }
        #expect(error?.message.contains("none of the 18 combinations") == true)
    }

    @Test("Stages of conditional trials: a setting that does not exist is in no config and no key")
    func stages() throws {
        let plan = try SweepPlanner.plan(
            definitionText: """
                method: grid
                parameters:
                  dim: {values: [64, 128]}
                  temperature: {values: [0.5, 1.0], when: dim == 128}
                stages: [{name: train}, {name: generate, reads: [temperature]}]
                """, file: "s.yaml")
        #expect(plan.trials.count == 3)
        #expect(plan.stages.count { $0.name == "train" } == 2)
        #expect(
            plan.stages.filter { $0.name == "generate" }.map { $0.config["temperature"] }
                == [nil, 0.5, 1].map { $0.map(JSONValue.double) })
    }

    @Test("Drawn configurations obey zip, when, exclude and require", arguments: ["random", "bayes"])
    func drawn(method: String) throws {
        let searcher = try SweepSearcher(
            Definition(
                text: """
                    method: \(method)
                    metric: {name: loss}
                    program: x
                    parameters:
                      a: {values: [1, 2, 3]}
                      b: {values: [10, 20, 30]}
                      lr: {min: 0.0, max: 1.0}
                      momentum: {min: 0.0, max: 1.0, when: a == 2}
                    zip: [a, b]
                    exclude: lr > 0.5
                    require: a != 3
                    """, file: "s.yaml"))
        var runs: [PastRun] = []
        for draw in 0..<40 {
            let config = try #require(searcher.next(after: runs, seed: 0, number: draw))
            let a = try #require(config["a"]?.number)
            #expect(config["b"]?.number == 10 * a && a < 3)
            #expect((config["momentum"] != nil) == (a == 2))
            let rate = try #require(config["lr"]?.number)
            #expect(rate <= 0.5)
            runs.append(
                PastRun(
                    id: "\(draw)", state: .finished, config: config, minimum: rate, maximum: rate, latest: rate))
        }
        #expect(Set(runs.map { $0.config["a"] }).count == 2)
    }

    @Test("A search whose constraints leave nothing ends")
    func drawnNothing() throws {
        let searcher = try SweepSearcher(
            Definition(
                text: "method: random\nprogram: x\nparameters: {a: {min: 0.0, max: 1.0}}\nrequire: a > 2", file: "s"))
        #expect(searcher.next(after: [], seed: 1, number: 0) == nil)
    }
}
