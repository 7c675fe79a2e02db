import Experiment
import SweepDefinition
import Testing

@Suite("Values added to a sweep file")
struct AddingValuesTests {
    @Test(
        "All else stays as it was written, comments too",
        arguments: [
            (
                "lists in brackets",
                "method: grid # all\nparameters:\n  t: {values: [0.4, 0.7]} # two\n  u: {value: 1}\n", "t=1.0, 1e-3",
                "method: grid # all\nparameters:\n  t: {values: [1.0, 0.001, 0.4, 0.7]} # two\n  u: {value: 1}\n"
            ),
            (
                "lists in lines",
                "method: grid\nparameters:\n  t:\n    values:\n      # first\n      - a # one\n      - b\n",
                "t='a, b',c",
                "method: grid\nparameters:\n  t:\n    values:\n      # first\n      - \"a, b\"\n      - \"c\"\n      - a # one\n      - b\n"
            ),
            (
                "lists in lines that are not indented",
                "method: grid\nparameters:\n  t:\n    values:\n    - 1\n", "t=2,3",
                "method: grid\nparameters:\n  t:\n    values:\n    - 2\n    - 3\n    - 1\n"
            ),
            (
                "a single value",
                "method: grid\nparameters:\n  t:\n    value: adam  # usual\n", "t=lion",
                "method: grid\nparameters:\n  t:\n    values: [\"lion\", adam]  # usual\n"
            ),
            (
                "a single value in brackets",
                "method: grid\nparameters: {t: {value: 'it''s, so'}, u: {value: 1}}\n", "t=2",
                "method: grid\nparameters: {t: {values: [2, 'it''s, so']}, u: {value: 1}}\n"
            ),
            (
                "nested, by a dotted name",
                "method: grid\nparameters:\n  o:\n    parameters: {lr: {values: [1]}, \"lr\\u0041\": {value: 1}}\n",
                "o.lr=2",
                "method: grid\nparameters:\n  o:\n    parameters: {lr: {values: [2, 1]}, \"lr\\u0041\": {value: 1}}\n"
            ),
            (
                "structures, after wide characters",
                "# größe 🦔\nmethod: grid\nparameters: {é: 1, t: {values: [x]}}\n", "t={p: [1, 2]}",
                "# größe 🦔\nmethod: grid\nparameters: {é: 1, t: {values: [{\"p\":[1,2]}, x]}}\n"
            ),
            (
                "what is there already", "parameters: {t: {values: [1, 2]}}", "t=2, 1.0",
                "parameters: {t: {values: [1, 2]}}"
            ),
        ])
    func added(what: String, text: String, addition: String, expected: String) throws {
        let parts = addition.split(separator: "=", maxSplits: 1).map(String.init)
        let values = try Definition.values(parts[1], of: parts[0])
        #expect(try Definition.adding([(parts[0], values)], to: text, file: "f.yaml") == expected, "\(what)")
    }

    @Test("Several parameters at once, also those that a zip group advances together")
    func several() throws {
        let text = "method: grid\nparameters: {a: {values: [1]}, b: {values: [x]}}\nzip: [[a, b]]\n"
        let added = try Definition.adding([("a", [.int(2)]), ("b", [.string("y")])], to: text, file: "f")
        #expect(added == "method: grid\nparameters: {a: {values: [2, 1]}, b: {values: [\"y\", x]}}\nzip: [[a, b]]\n")
        _ = try Definition(text: added)
    }

    @Test(
        "What cannot be added to is refused at its place",
        arguments: [
            (
                "parameters: {temperature: {values: [1]}}", "temprature",
                "f:1:13: the sweep has no parameter 'temprature'; did you mean 'temperature'?"
            ),
            ("parameters: {n: {min: 1, max: 3}}", "n", "f:1:17: parameter 'n' has no list of values"),
            (
                "parameters: {o: {parameters: {lr: {value: 1}}}}", "o.lrr",
                "f:1:13: the sweep has no parameter 'o.lrr'; did you mean 'o.lr'?"
            ),
            (
                "a: &l [1]\nparameters: {t: {values: *l}, u: {values: *l}}", "t",
                "f:2:18: the values of 't' are written in a form"
            ),
            ("parameters: {t: {value: [1, 2]}}", "t", "f:1:18: the values of 't' are written in a form"),
        ])
    func refused(text: String, name: String, sentence: String) {
        let error = #expect(throws: SweepDefinitionError.self) {
            try Definition.adding([(name, [.int(7)])], to: text, file: "f")
        }
        #expect(error?.description.hasPrefix(sentence) == true, "\(error?.description ?? "accepted")")
    }

    @Test("Values that are no list are refused", arguments: ["", "[", "a: b: c", "1]"])
    func values(text: String) {
        #expect(throws: SweepDefinitionError.self) { try Definition.values(text, of: "t") }
    }
}
