import SweepDefinition
import Testing

/// Files with one mistake each, made from good ones: every key with every wrong type, and misspelt, and twice.
@Suite("Generated mistakes")
struct GeneratedMistakesTests {
    /// What a key takes; each kind knows what it must refuse.
    private enum Kind {
        case text, word, count, number, flag, list, mapping, size, duration

        var refused: [String] {
            switch self {
            case .text: ["3", "[a]", "{a: b}", "true", "null", "''"]
            case .word: ["3", "[a]", "{a: b}", "true", "null", "nonsense"]
            case .count: ["-1", "1.5", "many", "[1]", "{a: 1}", "true", "null", "1e400"]
            case .number: ["many", "[1]", "{a: 1}", "true", "null", ".nan", ".inf"]
            case .flag: ["3", "maybe", "[true]", "{a: 1}", "null"]
            case .list: ["3", "word", "{a: b}", "true", "null"]
            case .mapping: ["3", "word", "[a]", "true", "null", "{no_such_key: 1}"]
            case .size: ["16", "16XB", "-1GB", "GB", "[1GB]", "null", "1e300TB", "nanGB"]
            case .duration: ["90", "2 weeks", "-1h", "h", "[1h]", "null", "1e300d", "infs"]
            }
        }
    }

    private static let head = "method: grid\nparameters: {dim: {values: [32, 64]}, lr: {value: 1}}\n"

    /// A good file with a place for a key and its value, and what the key takes there.
    private static let places: [(template: String, keys: [(String, Kind)])] = [
        (
            head + "KEY: VALUE\n",
            [
                ("name", .text), ("project", .text), ("description", .text), ("entity", .text), ("program", .text),
                ("run_cap", .count), ("metric", .mapping), ("early_terminate", .mapping), ("command", .list),
                ("presets", .mapping), ("resources", .mapping), ("retry", .mapping), ("budget", .mapping),
                ("zip", .list), ("stages", .list), ("controller", .mapping), ("kind", .word), ("launcher", .word),
            ]
        ),
        ("KEY: VALUE\nparameters: {dim: {value: 1}}\n", [("method", .word)]),
        ("method: grid\nKEY: VALUE\n", [("parameters", .mapping)]),
        (head + "metric: {name: loss, KEY: VALUE}\n", [("goal", .word), ("target", .number), ("impute", .word)]),
        (head + "metric: {KEY: VALUE}\n", [("name", .text)]),
        (
            head + "metric: {name: loss}\nearly_terminate: {type: hyperband, min_iter: 3, KEY: VALUE}\n",
            [("eta", .number), ("strict", .flag), ("s", .count)]
        ),
        (
            "method: random\nparameters: {a: {distribution: q_uniform, min: 1, max: 2, KEY: VALUE}}\n",
            [("q", .number)]
        ),
        ("method: random\nparameters: {a: {distribution: beta, KEY: VALUE}}\n", [("a", .number), ("b", .number)]),
        ("method: random\nparameters: {a: {KEY: VALUE}}\n", [("values", .list), ("parameters", .mapping)]),
        (
            head + "resources: {KEY: VALUE}\n",
            [("gpus", .count), ("gpu_memory", .size), ("memory", .size), ("cpus", .count), ("time", .duration)]
        ),
        (head + "retry: {KEY: VALUE}\n", [("attempts", .count), ("on", .list)]),
        (head + "budget: {KEY: VALUE}\n", [("trials", .count), ("gpu_hours", .number)]),
        (
            head + "launcher: {type: slurm, KEY: VALUE}\n",
            [
                ("partition", .text), ("account", .text), ("qos", .text), ("reservation", .text),
                ("constraint", .text), ("gpu_type", .text), ("array_ceiling", .count), ("signal_lead", .duration),
                ("options", .list),
            ]
        ),
        (head + "stages: [{name: train, KEY: VALUE}]\n", [("reads", .list), ("resources", .mapping)]),
        (head + "stages: [{name: a, KEY: VALUE}]\n", [("program", .text)]),
        (head + "stages: [{name: a, program: x, KEY: VALUE}]\n", [("command", .list)]),
    ]

    /// A file with a mistake, and where a person would look for it.
    private struct File: Hashable {
        var text: String
        var line: Int
        /// The key's, and those of its value.
        var columns: ClosedRange<Int>
    }

    private static let files: [File] = places.flatMap { template, keys in
        keys.flatMap { key, kind in
            let before = template.prefix(upTo: template.firstRange(of: "KEY")?.lowerBound ?? template.startIndex)
            let line = before.count { $0 == "\n" } + 1
            let column = before.reversed().prefix { $0 != "\n" }.count + 1
            func text(_ key: String, _ value: String) -> String {
                template.replacing("KEY", with: key).replacing("VALUE", with: value)
            }
            /// The mistake is in the value, or the key does not go with its neighbours.
            func file(_ key: String, _ value: String) -> File {
                File(text: text(key, value), line: line, columns: column...column + key.count + 2 + value.count)
            }
            func misspelling(_ key: String) -> File {
                File(text: text(key, "x"), line: line, columns: column...column)
            }
            // Without a letter of its middle, and twice.
            var dropped = key
            dropped.remove(at: key.index(key.startIndex, offsetBy: key.count / 2))
            let misspelt = key.count >= 4 ? [misspelling(dropped), misspelling(key + "z")] : []
            let isFlow = template.contains("{KEY") || template.contains(", KEY")
            // The YAML library names the place where the key stands first.
            let twice = File(
                text: text(key, isFlow ? "x, \(key): x" : "x\n\(key): x"), line: line, columns: column...column)
            return kind.refused.map { file(key, $0) } + misspelt + [twice]
        }
    }

    @Test("There are more than 200 of them, all different")
    func many() {
        #expect(
            Set(GeneratedMistakesTests.files).count == GeneratedMistakesTests.files.count
                && GeneratedMistakesTests.files.count > 200)
    }

    @Test("Each gives one sentence that begins with the place of the mistake")
    func oneSentence() {
        for file in GeneratedMistakesTests.files {
            do {
                _ = try Definition(text: file.text, file: "s.yaml")
                Issue.record("accepted: \(file.text)")
            } catch let error as SweepDefinitionError {
                let (words, place) = (error.description, error.position)
                #expect(words.hasPrefix("s.yaml:\(place.line):\(place.column): "))
                #expect(
                    place.line == file.line && file.columns.contains(place.column),
                    "\(words), not at \(file.line):\(file.columns) of\n\(file.text)")
                #expect(!words.contains("\n") && words.utf8.count < 400, "\(words)")
            } catch {
                Issue.record("\(error) for \(file.text)")
            }
        }
    }

    @Test("A misspelt key is told the nearest right one, or all of them")
    func nearest() {
        for (template, keys) in GeneratedMistakesTests.places {
            for (key, _) in keys where key.count >= 4 {
                let text = template.replacing("KEY", with: key + "z").replacing("VALUE", with: "x")
                let error = #expect(throws: SweepDefinitionError.self) { try Definition(text: text, file: "s.yaml") }
                #expect(error?.kind == .unknownKey || error?.kind == .missingKey, "\(error?.description ?? text)")
                #expect(error?.message.contains("'\(key)'") == true || error?.message.contains(key) == true)
            }
        }
    }
}
