import Experiment
import SweepDefinition
import Testing

@Suite("Numbers as the file has them")
struct WrittenNumbersTests {
    /// What comes back of a configuration from the record, where 1.0 is 1.
    private func recorded(_ config: [String: JSONValue]) throws -> [String: JSONValue] {
        try JSONCoding.decode([String: JSONValue].self, from: JSONCoding.encode(config))
    }

    @Test(
        "Every value of a list, a structure and a nested parameter is what was written, whatever the record made of it")
    func values() throws {
        let definition = try Definition(
            text: """
                method: grid
                program: x
                presets: {opt: {small: {name: small, lr: 2.0, steps: [1, 1.0]}}}
                parameters:
                  lr: {values: [1.0, 2, 1e-3, -0.0, 1e16, .nan, .inf, "1.0", null, true]}
                  one: {value: 3.0}
                  opt: {values: [small, {b: 4.0}]}
                  nested: {parameters: {deep: {values: [5.0, 6]}}}
                """)
        let written = WrittenNumbers(definition)
        let list: [JSONValue] = [
            .double(1), .int(2), .double(1e-3), .double(-0.0), .double(1e16), .double(.infinity), .string("1.0"), .null,
            .bool(true),
        ]
        for value in list {
            let config = try written.restored(recorded(["lr": value]))
            #expect(config == ["lr": value])
        }
        guard case .double(let number)? = try written.restored(recorded(["lr": .double(.nan)]))["lr"] else {
            Issue.record("not a number is a text")
            return
        }
        #expect(number.isNaN)
        // A record that counts in decimals has 1e16 as a whole number.
        #expect(written.restored(["lr": .int(10_000_000_000_000_000)]) == ["lr": .double(1e16)])
        let structures: [String: JSONValue] = [
            "one": .double(3), "nested": .object(["deep": .double(5)]),
            "opt": .object(["name": .string("small"), "lr": .double(2), "steps": .array([.int(1), .double(1)])]),
        ]
        #expect(try written.restored(recorded(structures)) == structures)
        // What a person has extended the sweep by elsewhere.
        #expect(written.restored(["lr": .int(7), "other": .int(1)]) == ["lr": .int(7), "other": .int(1)])
    }

    @Test(
        "What is drawn is an integer where W&B draws one",
        arguments: [
            ("random", "{min: 0, max: 3}", false), ("random", "{min: 0.0, max: 3.0}", true),
            ("random", "{distribution: q_uniform, min: 0.0, max: 3.0}", false),
            ("random", "{distribution: q_uniform, min: 0, max: 3, q: 0.5}", true),
            ("random", "{distribution: log_uniform_values, min: 1, max: 3}", true),
            ("random", "{distribution: q_normal, mu: 1.5}", false),
            ("grid", "{distribution: q_uniform, min: 0, max: 3}", false),
            ("grid", "{distribution: q_uniform, min: 0.0, max: 3}", true),
        ])
    func drawn(method: String, parameter: String, isFraction: Bool) throws {
        let definition = try Definition(text: "method: \(method)\nprogram: x\nparameters: {a: \(parameter)}")
        let config = WrittenNumbers(definition).restored(["a": .int(2)])
        #expect(config == ["a": isFraction ? .double(2) : .int(2)])
    }
}
