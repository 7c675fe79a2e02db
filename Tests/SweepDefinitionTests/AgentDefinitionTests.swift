import Experiment
import SweepDefinition
import Testing

@Suite("Definitions of W&B's clients")
struct AgentDefinitionTests {
    @Test("What wandb.sweep sends is understood, with W&B's defaults")
    func everything() throws {
        let definition = try Definition(
            text: """
                command: ['${env}', python, '${program}', '${args_no_hyphens}']
                controller: {type: cloud}
                description: |
                  two
                  lines
                early_terminate: {type: hyperband, min_iter: 3}
                entity: team
                method: bayes
                metric: {name: val/loss}
                name: my sweep
                parameters:
                  lr: {distribution: log_uniform_values, max: 0.1, min: 1.0e-05}
                  opt:
                    parameters:
                      name: {values: [adam, sgd]}
                program: train.py
                project: p
                run_cap: 30
                """)
        #expect(definition.method == .bayes && definition.name == "my sweep" && definition.program == "train.py")
        #expect(definition.summary == "two\nlines\n" && definition.project == "p" && definition.runCap == 30)
        #expect(definition.objective == Objective(name: "val/loss", goal: .minimize, impute: .worst))
        #expect(definition.earlyTermination == .hyperband(.init(bands: .upward(from: 3), eta: 3, isStrict: true)))
        #expect(definition.parameters.map(\.name) == ["lr", "opt"])
        #expect(definition.warnings == [])
    }

    @Test("Hyperband's other form, and a metric's rules for runs without a value")
    func otherForms() throws {
        let definition = try Definition(
            text: """
                method: random
                metric: {name: acc, goal: maximize, target: 0.9, impute: latest, impute_while_running: best}
                early_terminate: {type: hyperband, max_iter: 27, s: 2, eta: 3, strict: false}
                parameters: {a: {values: [1, 2]}}
                """)
        #expect(
            definition.objective
                == Objective(
                    name: "acc", goal: .maximize, target: 0.9, impute: .latest, imputeWhileRunning: .best))
        #expect(
            definition.earlyTermination
                == .hyperband(.init(bands: .downward(from: 27, count: 2), eta: 3, isStrict: false)))
    }

    @Test("Bounds that are exponents are warned of, with their path")
    func warnings() throws {
        let definition = try Definition(
            text: "method: random\nparameters: {a: {parameters: {b: {distribution: log_uniform, min: -5, max: 0}}}}")
        #expect(
            definition.warnings == [
                "a.b uses log_uniform, where min/max specify base-e exponents. "
                    + "Use log_uniform_values to specify limit values."
            ])
    }

    @Test(
        "What cannot be used is refused at its place, with what to do",
        arguments: [
            ("method: grid", "sweep config:1:1: a sweep needs the key 'parameters'"),
            ("method: gird\nparameters: {a: {value: 1}}", "sweep config:1:9: 'method' must be one of"),
            ("methd: grid\nparameters: {a: {value: 1}}", "sweep config:1:1: a sweep has no key 'methd'; did you mean"),
            (
                "method: bayes\nparameters: {a: {values: [1, 2]}}",
                "sweep config:1:1: 'method: bayes' needs the key 'metric'"
            ),
            (
                "method: random\nearly_terminate: {type: hyperband, min_iter: 1}\nparameters: {a: {value: 1}}",
                "sweep config:2:1: 'early_terminate' needs the key 'metric'"
            ),
            ("method: custom\nparameters: {a: {value: 1}}", "sweep config:1:1: 'method' cannot be done here"),
            ("method: grid\njob: x\nparameters: {a: {value: 1}}", "sweep config:2:1: 'job' cannot be done here"),
            (
                "method: grid\nmetric: {name: m}\nearly_terminate: {type: hyperband, max_iter: 2, s: 1}\nparameters: {a: {value: 1}}",
                "sweep config:3:36: 'max_iter' of early_terminate must be at least 'eta'"
            ),
            ("method: grid\nparameters: {a: 3}", "sweep config:2:17: parameter 'a' is a plain value"),
            ("method: grid\nstages: []\nparameters: {a: {value: 1}}", "sweep config:2:9: 'stages' must be a list"),
            ("", "sweep config:1:1: the file is empty"),
        ])
    func refused(text: String, message: String) {
        let error = #expect(throws: SweepDefinitionError.self) { try Definition(text: text) }
        #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
    }
}
