import Experiment
import SweepDefinition
import Testing

/// A definition with one mistake, where it is, and what the sentence must say about it.
struct Mistake: Sendable, CustomTestStringConvertible {
    var text: String
    var place: String
    var code: SweepDefinitionError.Code
    var words: String

    init(_ text: String, _ place: String, _ code: SweepDefinitionError.Code, _ words: String) {
        (self.text, self.place, self.code, self.words) = (text, place, code, words)
    }

    var testDescription: String { "\(place) \(words)" }
}

@Suite("Malformed definitions")
struct MalformedDefinitionTests {
    private static let head = "method: grid\nparameters:\n"
    private static let good = "method: grid\nparameters: {dim: {value: 32}}\n"

    @Test(
        "A mistake gives one sentence with its place",
        arguments: [
            Mistake("", "1:1", .missingKey, "empty"),
            Mistake("# only a comment\n", "1:1", .missingKey, "empty"),
            Mistake("grid", "1:1", .wrongType, "must be a mapping"),
            Mistake("- method: grid", "1:1", .wrongType, "not a list"),
            Mistake("methud: grid", "1:1", .unknownKey, "did you mean 'method'?"),
            Mistake("parameters: {dim: {value: 32}}", "1:1", .missingKey, "'method'"),
            Mistake("method: grid", "1:1", .missingKey, "'parameters'"),
            Mistake("method: gird\nparameters: {dim: {value: 32}}", "1:9", .invalidValue, "did you mean 'grid'?"),
            Mistake("method: 3\nparameters: {dim: {value: 32}}", "1:9", .wrongType, "one of grid"),
            Mistake("method: [grid\n", "2:1", .syntax, "not valid YAML"),
            Mistake("method: grid\n\tparameters: {}\n", "2:1", .syntax, "tabs"),
            Mistake("method: \"grid\nparameters: x", "2:14", .syntax, "not valid YAML"),
            Mistake("method: grid\n---\nmethod: grid", "2:1", .syntax, "document"),
            Mistake("method: *nothing", "1:9", .syntax, "alias"),
            Mistake(good + "method: grid", "1:1", .duplicateKey, "'method'"),
            Mistake(head + "  dim: {value: 1}\n  dim: {value: 2}", "3:3", .duplicateKey, "'dim'"),
            Mistake("method: grid\nparameters: {}", "2:13", .invalidValue, "at least one parameter"),
            Mistake("method: grid\nparameters: 3", "2:13", .wrongType, "not the number 3"),
            Mistake("method: grid\nparameters: [dim]", "2:13", .wrongType, "not a list"),
            Mistake(head + "  dim: {values: []}", "3:9", .invalidValue, "is empty"),
            Mistake(head + "  dim: {values: 32}", "3:17", .wrongType, "must be a list"),
            Mistake(head + "  dim: 32", "3:8", .wrongType, "write {value: 32}"),
            Mistake(head + "  dim: [32, 64]", "3:8", .wrongType, "write {values: [...]}"),
            Mistake(head + "  dim: {valuess: [32]}", "3:9", .unknownKey, "did you mean 'values'?"),
            Mistake(head + "  dim: {value: 1, values: [2]}", "3:19", .unknownKey, "does not belong"),
            Mistake(head + "  dim: {}", "3:8", .missingKey, "needs 'value'"),
            Mistake(head + "  dim: {min: 1}", "3:8", .missingKey, "needs 'value'"),
            Mistake(head + "  dim: {min: 4, max: 2}", "3:17", .invalidValue, "below its 'min'"),
            Mistake(head + "  dim: {min: low, max: 2}", "3:14", .wrongType, "must be a number"),
            Mistake(head + "  dim: {distribution: int_uniform, min: 1, max: 2.5}", "3:49", .wrongType, "whole number"),
            Mistake(head + "  dim: {distribution: int_unifrom, min: 1, max: 2}", "3:23", .invalidValue, "int_uniform"),
            Mistake(head + "  dim: {distribution: q_uniform, min: 1}", "3:8", .missingKey, "'max'"),
            Mistake(head + "  dim: {distribution: q_uniform, min: 1, max: 2, q: 0}", "3:50", .invalidValue, "above 0"),
            Mistake(
                head + "  lr: {distribution: log_uniform_values, min: 0, max: 1}", "3:42", .invalidValue, "logarithm"),
            Mistake(head + "  dim: {values: [1, 2], probabilities: [0.5]}", "3:25", .invalidValue, "sum 1"),
            Mistake(head + "  2dim: {value: 1}", "3:3", .invalidValue, "cannot name a parameter"),
            Mistake(head + "  o: {parameters: {}}", "3:19", .invalidValue, "at least one parameter"),
            Mistake(head + "  o: {value: 1, parameters: {a: {value: 1}}}", "3:7", .unknownKey, "nests"),
            Mistake("method: bayes\nparameters: {dim: {value: 32}}", "1:9", .unsupported, "method: grid"),
            Mistake("method: random\nparameters: {lr: {min: 0.1, max: 1}}", "1:9", .unsupported, "not random"),
            Mistake(good + "program: train.py", "3:1", .unsupported, "leave 'program' out"),
            Mistake(good + "early_terminate: {type: hyperband, min_iter: 3}", "3:1", .unsupported, "early"),
            Mistake(good + "early_terminate: {type: hyperbnd, min_iter: 3}", "3:25", .invalidValue, "hyperband"),
            Mistake(good + "early_terminate: {type: hyperband}", "3:18", .missingKey, "min_iter"),
            Mistake(good + "early_terminate: {type: hyperband, min_iter: 1, eta: 1}", "3:49", .invalidValue, "above 1"),
            Mistake(good + "command: [python]", "3:1", .unsupported, "command"),
            Mistake(good + "run_cap: 0", "3:10", .wrongType, "above 0"),
            Mistake(good + "metric: loss", "3:9", .wrongType, "the metric must be a mapping"),
            Mistake(good + "metric: {goal: minimize}", "3:9", .missingKey, "'name'"),
            Mistake(good + "metric: {name: loss, goal: min}", "3:28", .invalidValue, "minimize"),
            Mistake(good + "metric: {name: loss, target: 0.1}", "3:22", .unsupported, "target"),
            Mistake(good + "name: [a]", "3:7", .wrongType, "a text"),
            Mistake(good + "name: \"a\\nb\"", "3:7", .invalidValue, "one line"),
            Mistake(good + "stages: train", "3:9", .wrongType, "must be a list"),
            Mistake(good + "stages: []", "3:9", .wrongType, "must be a list"),
            Mistake(good + "stages: [train]", "3:10", .wrongType, "a stage must be a mapping"),
            Mistake(good + "stages: [{nmae: train}]", "3:11", .unknownKey, "did you mean 'name'?"),
            Mistake(good + "stages: [{name: trian}]", "3:17", .invalidValue, "did you mean 'train'?"),
            Mistake(good + "stages: [{name: generate}]", "3:17", .invalidValue, "train, then generate"),
            Mistake(good + "stages: [{name: train}, {name: train}]", "3:32", .invalidValue, "stage 2"),
            Mistake(good + "stages: [{name: train, reads: [dmi]}]", "3:32", .invalidValue, "did you mean 'dim'?"),
            Mistake(good + "stages: [{name: train, reads: [dim, dim]}]", "3:37", .invalidValue, "already"),
            Mistake(
                good + "stages: [{name: train}, {name: generate, reads: [dim]}]", "3:32", .invalidValue, "training"),
            Mistake(head + "  temperature: {values: [0, 1]}", "3:3", .invalidValue, "no stage generates"),
            Mistake("? [a]\n: b", "1:3", .wrongType, "a key must be a word"),
            Mistake("<<: 3\n" + good, "1:5", .wrongType, "merges a mapping"),
            Mistake(head + "  dim: {value: !!binary aGk=}", "3:16", .unsupported, "tag"),
        ])
    func mistake(_ mistake: Mistake) throws {
        let error = #expect(throws: SweepDefinitionError.self) {
            try Definition(text: mistake.text, file: "sweep.yaml")
        }
        let description = try #require(error).description
        #expect(description.hasPrefix("sweep.yaml:\(mistake.place): "), "\(description)")
        #expect(error?.kind == mistake.code, "\(description)")
        #expect(description.contains(mistake.words), "\(description)")
        #expect(!description.contains("\n") && description.utf8.count < 400, "\(description)")
    }

    @Test(
        "Texts that would cost much time or memory are refused at once",
        arguments: [
            String(repeating: "# filler\n", count: 40_000),
            "method: " + String(repeating: "[", count: 900) + String(repeating: "]", count: 900),
            "method: " + String(repeating: "[", count: 100_000),
            String(repeating: "- ", count: 900) + "x",
            String(repeating: "? ", count: 900) + "x",
            bomb(levels: 9, width: 9, key: false), bomb(levels: 4, width: 4, key: true),
            bomb(levels: 12, width: 2, key: true),
        ])
    func costly(_ text: String) {
        let clock = ContinuousClock()
        let time = clock.measure {
            #expect(throws: SweepDefinitionError.self) { try Definition(text: text, file: "sweep.yaml") }
        }
        #expect(time < .seconds(5))
    }

    /// Aliases of aliases: `width` to the power of `levels` values in a few lines, as a value or as a key.
    private static func bomb(levels: Int, width: Int, key: Bool) -> String {
        var lines = ["a0: &a0 [x]"]
        for level in 1...levels {
            let references = Array(repeating: "*a\(level - 1)", count: width).joined(separator: ", ")
            lines.append("a\(level): &a\(level) [\(references)]")
        }
        lines.append(key ? "? *a\(levels)\n: x" : "method: *a\(levels)")
        return lines.joined(separator: "\n")
    }
}
