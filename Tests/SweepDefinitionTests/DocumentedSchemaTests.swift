import Experiment
import SweepDefinition
import Testing

/// W&B's schema as it is documented (`sweeps/config/schema.json` of its package `sweeps`), key by key.
@Suite("W&B's documented schema")
struct DocumentedSchemaTests {
    private static let least = "method: grid\nparameters: {a: {values: [1, 2]}}\nmetric: {name: loss}\n"

    @Test(
        "Every key of the top level is taken with each documented value",
        arguments: [
            "name: n", "description: d", "project: p", "entity: e", "program: train.py", "run_cap: 10",
            "program: train.py\ncommand: ['${env}', python3, '${program}', '${args}']",
            "program: train.py\ncommand: [1, 2.5, true, x]", "controller: {type: cloud}", "controller: {}",
            "apiVersion: wandb/v1", "kind: sweep", "early_terminate: {type: hyperband, min_iter: 3}",
            "early_terminate: {type: hyperband, min_iter: 3, eta: 2.5, strict: false}",
            "early_terminate: {type: hyperband, max_iter: 27, s: 2}",
            "early_terminate: {type: hyperband, max_iter: 27, s: 2, eta: 3, strict: true}",
        ])
    func topLevel(line: String) throws { _ = try Definition(text: Self.least + line) }

    @Test(
        "What needs W&B's own services is refused by name, not passed over",
        arguments: ["job: j", "image_uri: i", "scheduler: {engine: optuna}", "controller: {type: local}"])
    func services(line: String) {
        let error = #expect(throws: SweepDefinitionError.self) { try Definition(text: Self.least + line) }
        #expect(error?.description.hasPrefix("sweep config:4:1: '") == true && error?.kind == .unsupported)
    }

    @Test("The methods", arguments: ["grid", "random", "bayes"])
    func methods(method: String) throws {
        #expect(try Definition(text: Self.least.replacing("grid", with: method)).method.rawValue == method)
    }

    @Test(
        "Metrics: one with each of its keys, or two and more",
        arguments: [
            ("metric: {name: m}", [Objective(name: "m", goal: .minimize, impute: .worst)]),
            (
                "metric: {name: m, goal: maximize, target: 1, impute: best, impute_while_running: worst}",
                [Objective(name: "m", goal: .maximize, target: 1, impute: .best, imputeWhileRunning: .worst)]
            ),
            (
                "metric: {name: m, goal: minimize, impute: latest, impute_while_running: false}",
                [Objective(name: "m", goal: .minimize, impute: .latest)]
            ),
            (
                "metrics: [{name: m, goal: maximize}, {name: n, impute_while_running: latest}]",
                [
                    Objective(name: "m", goal: .maximize),
                    Objective(name: "n", goal: .minimize, imputeWhileRunning: .latest),
                ]
            ),
        ])
    func metrics(line: String, objectives: [Objective]) throws {
        let text = "method: random\nparameters: {a: {values: [1, 2]}}\n" + line
        #expect(try Definition(text: text).objectives == objectives)
    }

    @Test(
        "Every form of a parameter, named or implied by its keys",
        arguments: [
            ("value: 3", .constant), ("value: [1, {a: b}]", .constant), ("distribution: constant, value: x", .constant),
            ("values: [1, x, 2.5, true, null, [1], {a: 1}]", .categorical),
            ("distribution: categorical, values: [1]", .categorical),
            ("values: [a, b], probabilities: [0.25, 0.75]", .categoricalWithProbabilities),
            (
                "distribution: categorical_w_probabilities, values: [a, b], probabilities: [1, 0]",
                .categoricalWithProbabilities
            ),
            ("min: 1, max: 8", .intUniform), ("distribution: int_uniform, min: -3, max: -3", .intUniform),
            ("min: 0.5, max: 2", .uniform), ("min: 0, max: 2.5", .uniform),
            ("distribution: uniform, min: 0, max: 1", .uniform),
            ("distribution: q_uniform, min: 0, max: 1, q: 0.25", .qUniform),
            ("distribution: q_uniform, min: 0, max: 10", .qUniform),
            ("distribution: log_uniform, min: -9, max: 0", .logUniform),
            ("distribution: q_log_uniform, min: -1, max: 3, q: 2", .qLogUniform),
            ("distribution: inv_log_uniform, min: 0, max: 3", .invLogUniform),
            ("distribution: log_uniform_values, min: 1e-5, max: 1", .logUniformValues),
            ("distribution: q_log_uniform_values, min: 1, max: 1000, q: 10", .qLogUniformValues),
            ("distribution: inv_log_uniform_values, min: 1, max: 1000", .invLogUniformValues),
            ("distribution: normal", .normal), ("distribution: normal, mu: 1, sigma: 0.5", .normal),
            ("distribution: q_normal, mu: 100, sigma: 10, q: 5", .qNormal),
            ("distribution: log_normal, mu: 0, sigma: 1", .logNormal),
            ("distribution: q_log_normal, mu: 3, sigma: 1, q: 2", .qLogNormal),
            ("distribution: beta, a: 2, b: 5", .beta), ("distribution: q_beta, a: 2, b: 5, q: 0.1", .qBeta),
        ] as [(String, Distribution.Kind)])
    func forms(form: String, kind: Distribution.Kind) throws {
        let definition = try Definition(text: "method: random\nparameters: {a.b-c_1: {\(form)}}")
        guard case .distribution(let distribution) = definition.parameters[0].content else {
            Issue.record("\(form) nests something")
            return
        }
        #expect(distribution.kind == kind && definition.parameters[0].name == "a.b-c_1")
    }

    @Test("Every kind of distribution is in the table above")
    func all() { #expect(Distribution.Kind.allCases.count == 18) }

    @Test("Nested parameters, to any depth")
    func nested() throws {
        let text =
            "method: grid\nparameters: {o: {parameters: {p: {parameters: {q: {values: [1, 2]}}}, r: {value: 1}}}}"
        guard case .nested(let children) = try Definition(text: text).parameters[0].content,
            case .nested(let grandchildren) = children[0].content
        else {
            Issue.record("nothing is nested")
            return
        }
        #expect(children.map(\.name) == ["p", "r"] && grandchildren.map(\.name) == ["q"])
    }
}
