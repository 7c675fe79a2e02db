import Experiment
import SweepDefinition

/// Which parameters each stage reads, and what follows from it: keys, titles and configs of stages.
struct StageLayout {
    private struct Row {
        var stage: Stage
        var resources: StageResources
        /// The JSON of the program that has a stage of its own, and of its command line; nil: our trainer, or the one program
        /// of a whole sweep, which is no part of keys.
        var program: String?
        /// Parameters that the stage reads itself, sorted by name.
        var own: [Int]
        /// Parameters that it or a stage before it reads.
        var seen: [Int]
        /// Those of `seen` that vary, in the order of the file.
        var varied: [Int]
    }

    /// Sorted; a configuration is given as one point, or nil where it does not exist, for each.
    let names: [String]
    private let rows: [Row]
    private let sweepName: String
    /// The setting whose structures have a name that is for people only.
    private let labelled: Int?

    /// `varied`: parameters that have more than one value.
    init(_ definition: Definition, varied: Set<String>) {
        names = definition.parameters.map(\.name).sorted()
        sweepName = definition.name
        labelled =
            definition.trainerParameters.contains("masking") ? names.firstIndex(of: "masking") : nil
        let index = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        let fileOrder = definition.parameters.filter { varied.contains($0.name) }.compactMap { index[$0.name] }
        var seen: [Int] = []
        rows = definition.stages.map { stage in
            let own = stage.reads.compactMap { index[$0] }.sorted()
            seen += own
            return Row(
                stage: stage, resources: definition.resources(of: stage),
                program: definition.isSingleProgram ? nil : stage.program?.words.canonicalText, own: own, seen: seen,
                varied: fileOrder.filter(seen.contains))
        }
    }

    var depth: Int { rows.count }

    /// The plan of stage `depth`, whose key is `key`.
    func plan(_ depth: Int, key: String, input: String?, points: [Grid.Point?]) -> StagePlan {
        StagePlan(
            key: key, name: rows[depth].stage.name, input: input, title: title(of: depth, points),
            config: config(of: depth, points), resources: rows[depth].resources)
    }

    /// SHA-256 of the canonical JSON `[name, parameters that the stage reads itself, key of the stage before it]`, with
    /// `[program, words of its command...]` at the end for a stage that has a program of its own. What a masking is called
    /// is no part of it, what it does is.
    func key(of depth: Int, _ points: [Grid.Point?], input: String?) -> String {
        let row = rows[depth]
        let members = row.own.compactMap { index in
            points[index].map { "\"\(names[index])\":\(index == labelled ? $0.value.unlabelledText : $0.text)" }
        }
        let previous = input.map { "\"\($0)\"" } ?? "null"
        let program = row.program.map { ",\($0)" } ?? ""
        return SHA256.hex("[\"\(row.stage.name)\",{\(members.joined(separator: ","))},\(previous)\(program)]")
    }

    /// From the parameters that vary: words and named structures speak for themselves, numbers need their name.
    private func title(of depth: Int, _ points: [Grid.Point?]) -> String {
        let words = rows[depth].varied.compactMap { index in
            points[index].map { $0.value.isNamed ? $0.value.label : "\(names[index])=\($0.value.label)" }
        }
        return words.isEmpty ? sweepName : words.joined(separator: " ")
    }

    private func config(of depth: Int, _ points: [Grid.Point?]) -> [String: JSONValue] {
        var config: [String: JSONValue] = [:]
        for index in rows[depth].seen { config[names[index]] = points[index]?.value }
        return config
    }
}

extension StageProgram {
    /// The program, then the words of its command.
    var words: JSONValue { .array(([program] + (command ?? [])).map(JSONValue.string)) }
}

extension JSONValue {
    fileprivate var unlabelledText: String {
        guard case .object(var members) = self else { return canonicalText }
        members["name"] = nil
        return JSONValue.object(members).canonicalText
    }

    fileprivate var isNamed: Bool {
        switch self {
        case .string: true
        case .object(let members): if case .string? = members["name"] { true } else { false }
        default: false
        }
    }
}
