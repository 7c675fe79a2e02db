import Experiment
import Foundation
import Subprocess
import SweepScheduler

extension LocalLauncher {
    /// Writes what the trainer is to read and opens the file for its output: a file, because a pipe would break with
    /// this process and take the trainer along.
    func prepare(_ claim: StageClaim, directory: String, _ placement: Placement) throws -> FileHandle {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try JSONCoding.encode(RunSettings(claim, directory: directory))
            .write(to: URL(filePath: LocalLauncher.settingsFile(directory)), options: .atomic)
        try ProgramEnvironment.write(claim, directory: directory)
        let log = try OutputLog(directory: directory).open()
        let start = try log.seekToEnd()
        let isolation = PlacementRecord.read(directory)?.isolation ?? 0
        try PlacementRecord(placement: placement, isolation: isolation, outputStart: start).write(directory)
        return log
    }

    func commandLine(
        _ claim: StageClaim, directory: String
    ) throws(LauncherError) -> (executable: String, arguments: [String]) {
        let settings = LocalLauncher.settingsFile(directory)
        guard let program = claim.program else {
            guard let trainer else {
                throw LauncherError("trainer_missing", "the program 'trainer' was not found when the sweep was started")
            }
            return (trainer, [claim.stage, "--settings", settings])
        }
        let command = ProgramCommand(StageProgram(program: program, command: claim.command)).arguments(
            config: claim.config, jsonFile: ProgramEnvironment.jsonFile(directory),
            words: ProgramCommand.words(claim, directory: directory), environment: ProcessInfo.processInfo.environment)
        return (
            ExitRecorder.shell,
            ExitRecorder.arguments(settings: settings, attempt: claim.attempt, command: command)
        )
    }

    func environment(_ claim: StageClaim, directory: String, _ placement: Placement) -> Environment {
        var variables: [Environment.Key: String?] = [
            "SAGA_HOME": home.path, "SAGA_URL": address.url, "SAGA_TOKEN": address.token,
            "SAGA_THREADS": String(placement.threads), "SAGA_ATTEMPT": String(claim.attempt),
        ]
        if claim.program == nil {
            // The trainer divides its work itself; a second layer of threads would fight the other slots.
            for key in LocalLauncher.threadVariables { variables[key] = "1" }
            // A training uses all the GPUs that it is given, each by a process of its own.
            variables["SAGA_RANKS"] = String(max(1, placement.gpus.count))
        } else {
            for key in LocalLauncher.threadVariables { variables[key] = String(placement.threads) }
            for (key, value) in ProgramEnvironment.variables(claim, directory: directory, address: address) {
                variables[Environment.Key(stringLiteral: key)] = value
            }
        }
        if !machine.gpus.isEmpty {
            // Empty hides all: a trainer that asked for no GPU must not sit on somebody's.
            variables["CUDA_VISIBLE_DEVICES"] = placement.visibleDevices.joined(separator: ",")
            variables["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID"
        }
        return .inherit.updating(variables)
    }

    private static let threadVariables: [Environment.Key] = [
        "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS",
    ]
}
