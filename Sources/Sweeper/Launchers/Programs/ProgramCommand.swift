package import Experiment
import Foundation

/// The command line of a program that is not our trainer, with W&B's macros filled in as its agents do.
///
/// Every item becomes one argument as it stands: no shell reads it.
package struct ProgramCommand: Sendable, Hashable {
    /// What W&B runs where the sweep has no `command`.
    package static let usual = ["${env}", "${interpreter}", "${program}", "${args}"]
    private static let interpreter = "python"
    private static let env = "/usr/bin/env"

    /// As the sweep file has them.
    package var program: String
    package var command: [String]

    package init(_ program: StageProgram) {
        self.program = program.program
        command = program.command ?? ProgramCommand.usual
    }

    /// Whether `${args_json_file}` is asked for: the file must be written then.
    package var needsFile: Bool { command.contains("${args_json_file}") }

    /// The arguments, program first. Macros that nobody knows are nothing, as with W&B.
    ///
    /// `words`: what our own macros stand for, anywhere in an item (see ``words(_:directory:)``).
    package func arguments(
        config: [String: JSONValue], jsonFile: String, words: [String: String] = [:], environment: [String: String]
    ) -> [String] {
        let parameters = config.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
        return command.flatMap { item -> [String] in
            let item = ProgramCommand.filling(item, words, environment)
            guard item.hasPrefix("${"), item.hasSuffix("}") else { return [item] }
            switch item.dropFirst(2).dropLast() {
            case "env": return [ProgramCommand.env]
            case "interpreter": return [ProgramCommand.interpreter]
            case "program": return [program]
            case "args": return parameters.map { "--\($0.name)=\(PythonText.str($0.value))" }
            case "args_no_hyphens": return parameters.map { "\($0.name)=\(PythonText.str($0.value))" }
            case "args_no_equals": return parameters.flatMap { ["--\($0.name)", PythonText.str($0.value)] }
            case "args_append_hydra": return parameters.map { "+\($0.name)=\(PythonText.str($0.value))" }
            case "args_override_hydra": return parameters.map { "++\($0.name)=\(PythonText.str($0.value))" }
            case "args_no_boolean_flags":
                return parameters.compactMap { parameter in
                    switch parameter.value {
                    case .bool(true): "--\(parameter.name)"
                    case .bool(false): nil
                    default: "--\(parameter.name)=\(PythonText.str(parameter.value))"
                    }
                }
            case "args_json": return [ProgramCommand.json(config)]
            case "args_json_file": return [jsonFile]
            default: return []
            }
        }
    }

    /// The text of `${args_json}` and of the file of `${args_json_file}`.
    package static func json(_ config: [String: JSONValue]) -> String { PythonText.json(.object(config)) }

    /// Our macros and what they stand for: `${stage}`, `${directory}` (the run's folder) and `${input:NAME}` (the folder of
    /// a stage before it).
    package static func words(_ claim: StageClaim, directory: String) -> [String: String] {
        var words = ["stage": claim.stage, "directory": directory]
        for (stage, folder) in claim.inputs { words["input:\(stage)"] = folder }
        return words
    }

    /// `${envvar:NAME}`, anywhere in an item, where a variable that is not set leaves its name, as W&B has it; and our own
    /// macros. What they stand for is not looked at again.
    private static func filling(
        _ item: String, _ words: [String: String], _ environment: [String: String]
    ) -> String {
        item.replacing(/\$\{(?:envvar:([A-Z0-9_]*)|(stage|directory|input:[A-Za-z0-9_.-]+))\}/) { match in
            if let name = match.1 { return environment[String(name)] ?? String(name) }
            return match.2.flatMap { words[String($0)] } ?? String(match.0)
        }
    }

    /// Refuses, in one sentence, what cannot be started: looked at before anything is claimed.
    package func check(
        environment: [String: String] = ProcessInfo.processInfo.environment,
        directory: String = FileManager.default.currentDirectoryPath
    ) throws(LauncherError) {
        let words = arguments(config: [:], jsonFile: "config.json", environment: environment)
        guard let first = words.first else {
            throw LauncherError(
                "program_missing", "'command' of the sweep has no words; begin it with a program, as ${program}")
        }
        try checkExecutable(first, environment, directory)
        // What `env` starts is the first word that sets no variable.
        if first == ProgramCommand.env, let started = words.dropFirst().first(where: { !$0.contains("=") }),
            !started.hasPrefix("-")
        {
            try checkExecutable(started, environment, directory)
        }
        guard command.contains("${program}") else { return }
        let path = program.hasPrefix("/") ? program : "\(directory)/\(program)"
        let isStarted = words.first == program || first == ProgramCommand.env && words.dropFirst().first == program
        if !isStarted, !FileManager.default.isReadableFile(atPath: path) {
            throw LauncherError(
                "program_missing",
                "there is no file '\(program)' to run in \(directory); give 'program' a path from here")
        }
    }

    private func checkExecutable(
        _ name: String, _ environment: [String: String], _ directory: String
    ) throws(LauncherError) {
        let files = FileManager.default
        guard name.contains("/") else {
            let folders = (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
            if folders.contains(where: { files.isExecutableFile(atPath: "\($0)/\(name)") }) { return }
            guard !files.fileExists(atPath: "\(directory)/\(name)") else {
                throw LauncherError(
                    "program_missing",
                    "the program '\(name)' is here but not on the PATH; write './\(name)', or begin 'command' with its "
                        + "interpreter")
            }
            throw LauncherError(
                "program_missing", "the program '\(name)' is not on the PATH; install it or give its path in 'command'")
        }
        let path = name.hasPrefix("/") ? name : "\(directory)/\(name)"
        var isFolder: ObjCBool = false
        guard files.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw LauncherError("program_missing", "there is no program '\(name)'; give its path from \(directory)")
        }
        if isFolder.boolValue || !files.isExecutableFile(atPath: path) {
            throw LauncherError(
                "not_executable",
                "'\(name)' cannot be executed; run 'chmod +x \(name)', or begin 'command' with its interpreter")
        }
    }
}
