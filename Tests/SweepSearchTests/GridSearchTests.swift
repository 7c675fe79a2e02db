import Experiment
import SweepDefinition
import SweepSearch
import Testing

@Suite("Grid search")
struct GridSearchTests {
    @Test("Combinations come by name of parameter, the last fastest, each once, and then no more")
    func order() throws {
        let searcher = try searcher(
            """
            method: grid
            parameters:
              b: {values: [x, y]}
              a: {values: [3, 1]}
              c: {value: 9}
              d: {parameters: {n: {min: 1, max: 2}, k: {value: fixed}}}
            """)
        let runs = draw(searcher, count: 100)
        let texts = runs.map { run in ["a", "b", "c", "d"].map { run.config[$0]?.canonicalText ?? "" }.joined() }
        #expect(searcher.expectedRuns == 8)
        #expect(
            texts.prefix(4) == [
                "3\"x\"9{\"k\":\"fixed\",\"n\":1}", "3\"x\"9{\"k\":\"fixed\",\"n\":2}",
                "3\"y\"9{\"k\":\"fixed\",\"n\":1}", "3\"y\"9{\"k\":\"fixed\",\"n\":2}",
            ])
        #expect(Set(texts).count == 8 && texts.count == 8)
    }

    @Test("What a run has is not handed out again, however the program spells or extends it")
    func taken() throws {
        let searcher = try searcher(
            "method: grid\nparameters: {a: {values: [1, 2]}, d: {values: [{k: 1}, {k: 2}]}}")
        let runs = [
            PastRun(.failed, ["a": .double(1), "d": .object(["k": .double(1), "added": .int(7)]), "more": .int(1)]),
            PastRun(.running, ["a": .int(1), "d": .object(["k": .int(2)])]),
            PastRun(.finished, ["other": .int(1)]),
        ]
        #expect(searcher.next(after: runs, seed: 0, number: 0)?["a"] == .int(2))
    }

    @Test("Zipped values that repeat, conditions and values that are no numbers: each combination comes once")
    func unusual() throws {
        for (parameters, rest, count) in [
            ("a: {values: [1, 1, 2]}, b: {values: [x, x, y]}", "zip: [a, b]", 2),
            ("a: {values: [1, 2]}, b: {values: [3, 4], when: a == 2}", "", 3),
            ("a: {values: [.nan, .inf, -.inf, 1.0, -0.0]}", "", 5),
            ("a: {values: [{k: 1.0}, {k: 2, l: [.nan]}]}", "", 2),
        ] {
            let searcher = try searcher("method: grid\nprogram: x\nparameters: {\(parameters)}\n\(rest)")
            var runs = draw(searcher, count: 100)
            #expect(runs.count == count, "\(parameters)")
            // As they come back from the record, where numbers are spelt in one way.
            for index in runs.indices {
                runs[index].config = try JSONCoding.decode(
                    [String: JSONValue].self, from: JSONCoding.encode(runs[index].config))
            }
            #expect(searcher.next(after: runs, seed: 0, number: 0) == nil, "\(parameters)")
        }
    }

    @Test("wandb#1787: what lost runs had is handed out again, but not for ever")
    func lost() throws {
        let searcher = try searcher("method: grid\nparameters: {a: {values: [1, 2]}}")
        let lost = PastRun(.crashed, ["a": .int(1)], isLost: true)
        let done = PastRun(.finished, ["a": .int(2)])
        #expect(searcher.next(after: [lost, done], seed: 0, number: 0) == ["a": .int(1)])
        #expect(searcher.next(after: [lost, done, lost], seed: 0, number: 0) == ["a": .int(1)])
        #expect(searcher.next(after: [lost, lost, lost, done], seed: 0, number: 0) == nil)
    }

    @Test("run_cap and the metric's target end a sweep")
    func ends() throws {
        let capped = try searcher("method: grid\nrun_cap: 2\nparameters: {a: {values: [1, 2, 3]}}")
        #expect(capped.expectedRuns == 2)
        #expect(draw(capped, count: 9).count == 2)
        let text = "method: random\nmetric: {name: m, goal: GOAL, target: 5}\nparameters: {a: {min: 0.0, max: 1.0}}"
        for (goal, values) in [("minimize", [9, 7, 5.0]), ("maximize", [1, 3, 5.0])] {
            let searcher = try searcher(text.replacing("GOAL", with: goal))
            var left = values[...]
            #expect(draw(searcher, count: 9) { _ in left.removeFirst() }.count == 3)
        }
    }

    @Test(
        "What a grid cannot count is refused at its place",
        arguments: [
            "x: {min: 0.0, max: 1.0}", "x: {distribution: normal}", "x: {values: [1, 2], probabilities: [0.5, 0.5]}",
        ])
    func uncountable(parameter: String) {
        #expect(throws: SweepDefinitionError.self) {
            try searcher("method: grid\nparameters: {\(parameter)}")
        }
    }
}
