import Experiment
import Foundation
import SweepLaunchers
import SweepScheduler

// Starts the program of its first argument as a trainer in the directory of its second one, and waits to be killed.
let program = CommandLine.arguments[1]
let home = SagaHome(path: URL(filePath: program).deletingLastPathComponent().path + "/home")
let launcher = LocalLauncher(
    trainer: program, home: home, address: TrackerAddress(), machine: Machine(cores: 1, memory: 1 << 30),
    sharing: Sharing(slots: 1))
let claim = StageClaim(
    sweep: "s", sweepName: "s", project: "p", stageKey: "k", stage: "train", title: "t", run: .random(), attempt: 1,
    maximumAttempts: 3, fence: 1, config: [:], inputs: [:], claimant: ProcessTable.current(), process: nil,
    directory: nil, leaseEnds: .now)
_ = try await launcher.start(claim, directory: CommandLine.arguments[2], at: Placement())
try await Task.sleep(for: .seconds(60))
