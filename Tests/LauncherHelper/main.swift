import Experiment
import Foundation
import SweepLaunchers
import SweepScheduler

// A sweeper of one trainer: starts the program of its first argument as a trainer in the directory of its second one,
// and waits for its end. With a third argument, that many GB of the memory of a GPU of 10 GB are waited for and taken.
let program = CommandLine.arguments[1]
let home = SagaHome(path: URL(filePath: program).deletingLastPathComponent().path + "/home")
let machine = Machine(gpus: [GPU(index: 0, memory: 10_000_000_000)], cores: 1, memory: 1 << 30)
let launcher = LocalLauncher(
    trainer: program, home: home, address: TrackerAddress(), machine: machine, sharing: Sharing(slots: 1))
let memory = CommandLine.arguments.dropFirst(3).first.flatMap { Int64($0) }
let claim = StageClaim(
    sweep: "s", sweepName: "s", project: "p", stageKey: "k", stage: "train", title: "t", run: .random(), attempt: 1,
    maximumAttempts: 3, fence: 1, config: [:], inputs: [:], claimant: ProcessTable.current(), process: nil,
    directory: nil, leaseEnds: .now, resources: StageResources(gpuMemory: memory.map { $0 * 1_000_000_000 }))
let placement = try await launcher.reserve(claim, isolation: 0)
let process = try await launcher.start(claim, directory: CommandLine.arguments[2], at: placement)
_ = try await launcher.waitForEnd(of: process)
await launcher.release(placement)
