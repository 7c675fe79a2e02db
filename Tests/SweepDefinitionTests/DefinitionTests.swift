import Experiment
import SweepDefinition
import Testing

@Suite("Definitions")
struct DefinitionTests {
    @Test("Every form of W&B's schema is understood")
    func everyForm() throws {
        let definition = try Definition(
            text: """
                name: all forms
                description: every key that grid search can honour
                project: p
                entity: team
                program: trainer
                method: grid
                kind: sweep
                controller: {type: cloud}
                run_cap: 7
                metric: {name: loss, goal: maximize, impute: best, impute_while_running: false}
                parameters:
                  a: {value: 1}
                  b: {values: [x, 2, 3.5, true, null, [1, 2], {k: v}]}
                  c: {min: 1, max: 3}
                  d: {min: 0.5, max: 3}
                  e: {distribution: q_uniform, min: 0, max: 1, q: 0.25}
                  f: {values: [x, y], probabilities: [0.25, 0.75]}
                  g: {distribution: normal, mu: 0, sigma: 2}
                  h: {distribution: q_beta, a: 1, b: 2, q: 0.1}
                  i: {distribution: log_uniform, min: -3, max: 0}
                  j: {distribution: inv_log_uniform_values, min: 1e-4, max: 0.1}
                  k: {distribution: constant, value: 3}
                  l: {parameters: {m: {value: 1}, n: {parameters: {o: {values: [1, 2]}}}}}
                """, file: "dir/forms.yaml")
        #expect(definition.name == "all forms")
        #expect(definition.project == "p")
        #expect(definition.runCap == 7)
        #expect(definition.objective?.name == "loss" && definition.objective?.goal == .maximize)
        let kinds = definition.parameters.map { parameter in
            if case .distribution(let distribution) = parameter.content { distribution.kind.rawValue } else { "nested" }
        }
        #expect(
            kinds == [
                "constant", "categorical", "int_uniform", "uniform", "q_uniform", "categorical_w_probabilities",
                "normal",
                "q_beta", "log_uniform", "inv_log_uniform_values", "constant", "nested",
            ])
        #expect(definition.stages.map(\.name) == ["train"])
        #expect(definition.stages[0].reads.count == 12)
    }

    @Test("The file's name and W&B's defaults stand in for what is not written")
    func defaults() throws {
        let definition = try Definition(
            text: "method: grid\nmetric: {name: loss}\nparameters: {dim: {value: 32}}", file: "a/b/small.sweep.yaml")
        #expect(definition.name == "small")
        #expect(definition.project == "saga")
        #expect(definition.objective?.goal == .minimize)
        #expect(definition.runCap == nil)
    }

    @Test("What no stage reads is read by the first")
    func stages() throws {
        let definition = try Definition(
            text: """
                method: grid
                parameters: {dim: {value: 32}, temperature: {value: 1}, top_k: {value: 0}, lr: {value: 1}}
                stages: [{name: train}, {name: generate, reads: [temperature, top_k]}]
                """, file: "s.yaml")
        #expect(definition.stages.map(\.reads) == [["dim", "lr"], ["temperature", "top_k"]])
    }

    @Test(
        "Scalars mean what people mean by them",
        arguments: [
            ("1", JSONValue.int(1)), ("-3", .int(-3)), ("+3", .int(3)), ("1_000_000", .int(1_000_000)),
            ("0x1F", .int(31)),
            ("0", .int(0)), ("1.0", .double(1)), ("1e-3", .double(0.001)), ("1E5", .double(100_000)),
            (".5", .double(0.5)),
            ("-1.5e+3", .double(-1500)), ("9223372036854775808", .double(9_223_372_036_854_775_808)),
            (".inf", .double(.infinity)), ("-.inf", .double(-.infinity)), ("true", .bool(true)), ("off", .bool(false)),
            ("~", .null), ("null", .null), ("\"1\"", .string("1")), ("'true'", .string("true")),
            ("!!str 1", .string("1")),
            ("!!float '2'", .int(2)), ("010", .string("010")), ("1:30", .string("1:30")), ("1e", .string("1e")),
            ("nan", .string("nan")), ("e3", .string("e3")), ("1-2", .string("1-2")),
            ("image+audio", .string("image+audio")),
            ("é", .string("é")), ("._", .string("._")), ("2026-11-22", .string("2026-11-22")),
        ])
    func scalar(text: String, value: JSONValue) throws {
        let definition = try Definition(text: "method: grid\nparameters: {x: {value: \(text)}}", file: "s.yaml")
        guard case .distribution(let distribution) = definition.parameters[0].content else {
            Issue.record("no distribution")
            return
        }
        #expect(distribution.values.map(\.value) == [value])
    }

    @Test("Merge keys and aliases stand for what they name; what a mapping says itself wins")
    func mergeKeys() throws {
        let definition = try Definition(
            text: """
                method: grid
                parameters:
                  a: &base {distribution: q_uniform, min: 0, max: 4}
                  b: {<<: *base, max: 2}
                  c: *base
                """, file: "s.yaml")
        let bounds = definition.parameters.map { parameter -> JSONValue? in
            if case .distribution(let distribution) = parameter.content { distribution.numbers["max"] } else { nil }
        }
        #expect(bounds == [.int(4), .int(2), .int(4)])
    }

    @Test("Positions count lines, and columns in characters, from 1")
    func positions() throws {
        let definition = try Definition(
            text: "name: é\nmethod: grid\nparameters:\n  dim: {values: [1, 2]}\n", file: "s.yaml")
        #expect(definition.parameters[0].position.description == "s.yaml:4:3")
        guard case .distribution(let distribution) = definition.parameters[0].content else { return }
        #expect(distribution.values.map(\.position.column) == [18, 21])
    }
}
