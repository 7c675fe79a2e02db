import Experiment
import Foundation
import SweepLaunchers

// Starts the program of its first argument as a trainer in the directory of its second one, and waits to be killed.
let program = CommandLine.arguments[1]
let home = SagaHome(path: URL(filePath: program).deletingLastPathComponent().path + "/home")
let launcher = LocalLauncher(trainer: program, slots: 1, home: home, address: TrackerAddress())
_ = try await launcher.start(RunSettings(config: [:]), directory: CommandLine.arguments[2])
try await Task.sleep(for: .seconds(60))
