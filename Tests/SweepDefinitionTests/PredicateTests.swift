import Experiment
import SweepDefinition
import Testing

@Suite("Conditions on configurations")
struct PredicateTests {
    private static let config: [String: JSONValue] = [
        "lr": .double(0.001), "dim": .int(64), "subset": .string("image+audio"), "flag": .bool(true),
        "masking": .object(["name": .string("report"), "strategy": .string("dirichlet")]),
        "opt": .object(["name": .string("adam"), "beta": .double(0.9)]), "nothing": .null,
    ]

    private static func definition(_ key: String, _ condition: String) throws -> Definition {
        try Definition(
            text: """
                method: grid
                program: x
                parameters:
                  lr: {values: [0.001, 0.01]}
                  dim: {values: [64, 128]}
                  subset: {values: [joint, image+audio]}
                  flag: {values: [true, false]}
                  masking: {values: [uniform, report]}
                  opt: {parameters: {name: {values: [adam, sgd]}, beta: {values: [0.9, 0.95]}}}
                  absent: {values: [1, 2], when: dim == 128}
                  nothing: {values: [null, 1]}
                  a.b: {values: [1, 2]}
                \(key): \(condition)
                """, file: "s.yaml")
    }

    @Test(
        "Comparisons, words and parentheses mean what they say; with a missing parameter nothing is decided",
        arguments: [
            ("lr == 1e-3", true), ("lr != 1e-3", false), ("lr < 0.01", true), ("lr >= 0.01", false),
            ("dim == 64.0", true), ("dim > 63 and dim <= 64", true), ("dim > 64 or lr < 1", true),
            ("not dim > 64", true), ("not not dim > 64", false), ("subset == image+audio", true),
            ("subset == 'image+audio'", true), ("subset in [joint, image+audio]", true),
            ("subset not in [joint]", true),
            ("subset in []", false), ("flag == true", true), ("masking == report", true),
            ("masking != uniform", true), ("opt.name == adam and opt.beta < 1", true), ("nothing == null", true),
            ("dim == dim", true), ("lr < dim", true), ("subset > aaa", true), ("subset > 3", false),
            ("absent == 1", nil), ("absent == 1 and dim == 1", false), ("absent == 1 or dim == 64", true),
            ("absent == 1 and dim == 64", nil), ("dim == 64 and absent == 1", nil),
            ("not absent == 1", nil), ("dim == 1 or dim == 64 and lr == 1", false),
            ("(dim == 1 or dim == 64) and lr == 1e-3", true),
            ("{dim: 64}", true), ("{dim: [1, 64], lr: 0.001}", true), ("{dim: 64, lr: 1}", false),
            ("{opt.name: adam}", true), ("{masking: report}", true),
        ] as [(String, Bool?)])
    func evaluates(condition: String, expected: Bool?) throws {
        let text = condition.hasPrefix("{") ? condition : "\"\(condition)\""
        let definition = try PredicateTests.definition("exclude", text)
        #expect(definition.constraints.excludes.first?.evaluate(PredicateTests.config) == expected)
    }

    @Test("A parameter whose own name has a dot is found before one that is nested")
    func dottedName() throws {
        let definition = try PredicateTests.definition("exclude", "a.b == 1")
        #expect(definition.constraints.excludes.first?.evaluate(["a.b": .int(1)]) == true)
    }

    @Test("What is excluded is left out, what is required stays, what lacks the parameter is not judged")
    func constraints() throws {
        let excluding = try PredicateTests.definition("exclude", "[absent == 1, {lr: 1}]").constraints
        #expect(excluding.allow(["dim": .int(64), "lr": .double(0.1)]))
        #expect(!excluding.allow(["absent": .int(1), "lr": .double(0.1)]))
        let requiring = try PredicateTests.definition("require", "absent == 1").constraints
        #expect(requiring.allow(["dim": .int(64)]))
        #expect(!requiring.allow(["absent": .int(2)]))
    }

    @Test("A deeply nested condition is refused, not followed to the end of the stack")
    func deep() {
        let condition = String(repeating: "(", count: 5000) + "dim == 1" + String(repeating: ")", count: 5000)
        let error = #expect(throws: SweepDefinitionError.self) {
            try PredicateTests.definition("exclude", "\"\(condition)\"")
        }
        #expect(error?.message.contains("nested too deep") == true)
    }
}
