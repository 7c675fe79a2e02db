package import Experiment
import Foundation

/// What a job runs, and what it needs in its environment.
package struct SlurmCommand: Sendable, Hashable {
    package var words: [String]
    package var environment: [String: String]
    /// Where another program than our trainer runs; nil for our trainer, which runs in its run's directory.
    package var programFolder: String?

    package init(words: [String], environment: [String: String] = [:], programFolder: String? = nil) {
        self.words = words
        self.environment = environment
        self.programFolder = programFolder
    }
}

/// The jobs' commands of one sweep.
package struct SlurmCommands: Sendable {
    /// Path of our trainer; nil where the sweep runs other programs only.
    private let trainer: String?
    private let address: TrackerAddress
    /// Where another program runs: paths in its command begin there.
    private let folder: String
    private let environment: [String: String]

    package init(
        trainer: String?, address: TrackerAddress, folder: String = FileManager.default.currentDirectoryPath,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        self.trainer = trainer
        self.address = address
        self.folder = folder
        self.environment = environment
    }

    package func command(_ claim: StageClaim, directory: String) throws -> SlurmCommand {
        guard let program = claim.program else {
            guard let trainer else {
                throw LauncherError("trainer_missing", "the program 'trainer' was not found when the sweep was started")
            }
            // A training uses all the GPUs that it is given, each by a process of its own.
            let gpus = claim.resources.gpus ?? 1
            return SlurmCommand(
                words: [trainer, claim.stage, "--settings", "\(directory)/run.json"],
                environment: gpus > 1 ? ["SAGA_RANKS": String(gpus)] : [:])
        }
        let words = ProgramCommand(StageProgram(program: program, command: claim.command)).arguments(
            config: claim.config, jsonFile: ProgramEnvironment.jsonFile(directory),
            words: ProgramCommand.words(claim, directory: directory), environment: environment)
        let secret = ProgramEnvironment.access(address)
        let variables = ProgramEnvironment.variables(claim, directory: directory, address: address)
        return SlurmCommand(
            words: words, environment: variables.filter { secret[$0.key] == nil }, programFolder: folder)
    }

    /// What jobs inherit from `sbatch`. Tokens travel here and not in the script, which lies on disk.
    package func jobEnvironment(home: SagaHome) -> [String: String] {
        var variables = environment
        variables["SAGA_HOME"] = home.path
        variables["SAGA_URL"] = address.url
        variables["SAGA_TOKEN"] = address.token
        return variables.merging(ProgramEnvironment.access(address)) { $1 }
    }
}
