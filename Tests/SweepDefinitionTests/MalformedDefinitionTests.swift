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
            Mistake("method: bayes\nparameters: {dim: {value: 32}}", "1:1", .missingKey, "'metric'"),
            Mistake(good + "program: [train.py]", "3:10", .wrongType, "a text"),
            Mistake(good + "early_terminate: {type: hyperband, min_iter: 3}", "3:1", .missingKey, "'metric'"),
            Mistake(good + "early_terminate: {type: hyperbnd, min_iter: 3}", "3:25", .invalidValue, "hyperband"),
            Mistake(good + "early_terminate: {type: hyperband}", "3:18", .missingKey, "min_iter"),
            Mistake(good + "early_terminate: {type: hyperband, min_iter: 1, eta: 1}", "3:49", .invalidValue, "above 1"),
            Mistake(good + "command: [python]", "3:1", .unsupported, "name the 'program'"),
            Mistake(good + "run_cap: 0", "3:10", .wrongType, "above 0"),
            Mistake(good + "metric: loss", "3:9", .wrongType, "the metric must be a mapping"),
            Mistake(good + "metric: {goal: minimize}", "3:9", .missingKey, "'name'"),
            Mistake(good + "metric: {name: loss, goal: min}", "3:28", .invalidValue, "minimize"),
            Mistake(good + "program: x\ncommand: [python, [a]]", "4:19", .wrongType, "words"),
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
            Mistake(good + "exclude: dim >", "3:15", .invalidValue, "a parameter or a value"),
            Mistake(good + "exclude: dmi > 3", "3:10", .invalidValue, "did you mean 'dim'?"),
            Mistake(good + "exclude: dim = 3", "3:14", .invalidValue, "write '=='"),
            Mistake(good + "exclude: dim == 3 dim == 4", "3:19", .invalidValue, "'and' or 'or'"),
            Mistake(good + "exclude: (dim == 3", "3:19", .invalidValue, "')' is missing"),
            Mistake(good + "exclude: dim in 3", "3:17", .invalidValue, "takes a list"),
            Mistake(good + "exclude: dim in [3 4]", "3:20", .invalidValue, "','"),
            Mistake(good + "exclude: dim not 3", "3:18", .invalidValue, "'not in'"),
            Mistake(good + "exclude: dim == 'x", "3:17", .invalidValue, "does not end"),
            Mistake(good + "exclude: dim & 3", "3:14", .invalidValue, "no meaning"),
            Mistake(good + "exclude: 3", "3:10", .wrongType, "a condition"),
            Mistake(good + "exclude: [{}]", "3:11", .invalidValue, "empty condition"),
            Mistake(good + "require: [{dmi: 3}]", "3:12", .invalidValue, "did you mean 'dim'?"),
            Mistake(head + "  dim: {value: 1, when: dim == 1}", "3:19", .invalidValue, "itself"),
            Mistake(
                head + "  a: {value: 1, when: b == 1}\n  b: {value: 1, when: a == 1}", "4:17", .invalidValue, "circle"),
            Mistake(head + "  o: {parameters: {a: {value: 1, when: o == 1}}}", "3:34", .unsupported, "top level"),
            Mistake(good + "zip: dim", "3:6", .wrongType, "advance together"),
            Mistake(good + "zip: [dim]", "3:6", .wrongType, "two or more"),
            Mistake(good + "zip: [dim, lr]", "3:7", .invalidValue, "plain 'values'"),
            Mistake(
                head + "  dim: {values: [1, 2]}\n  lr: {values: [1, 2, 3]}\nzip: [dim, lr]", "5:12", .invalidValue,
                "has 3 values and 'dim' 2"),
            Mistake(head + "  dim: {values: [1, 2]}\nzip: [dim, dim]", "4:12", .invalidValue, "twice"),
            Mistake(good + "seeds: 0", "3:8", .wrongType, "how many"),
            Mistake(good + "seeds: [a]", "3:9", .wrongType, "whole numbers"),
            Mistake(head + "  seed: {value: 1}\nseeds: 3", "4:8", .duplicateKey, "line 3"),
            Mistake(good + "presets: {dmi: {small: 32}}", "3:11", .invalidValue, "did you mean 'dim'?"),
            Mistake(good + "presets: 3", "3:10", .wrongType, "a mapping"),
            Mistake(good + "resources: {gpu: 1}", "3:13", .unknownKey, "did you mean 'gpus'?"),
            Mistake(good + "resources: {gpus: -1}", "3:19", .wrongType, "0 to 1024"),
            Mistake(good + "resources: {memory: 16}", "3:21", .wrongType, "16GB"),
            Mistake(good + "resources: {memory: 16XB}", "3:21", .wrongType, "16GB"),
            Mistake(good + "resources: {time: 2 weeks}", "3:19", .wrongType, "2h"),
            Mistake(good + "retry: {attempts: 0}", "3:19", .wrongType, "above 0"),
            Mistake(good + "retry: {attempts: 1000}", "3:9", .invalidValue, "at most 100"),
            Mistake(good + "retry: {on: [out_of_memroy]}", "3:14", .invalidValue, "did you mean 'out_of_memory'?"),
            Mistake(good + "budget: {trials: -3}", "3:18", .wrongType, "above 0"),
            Mistake(good + "budget: {gpu_hours: 0}", "3:10", .invalidValue, "above 0"),
            Mistake(good + "budget: {hours: 3}", "3:10", .unknownKey, "gpu_hours"),
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
        "Texts that would cost much time or memory are refused at once", .timeLimit(.minutes(1)),
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
        #expect(throws: SweepDefinitionError.self) { try Definition(text: text, file: "sweep.yaml") }
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
