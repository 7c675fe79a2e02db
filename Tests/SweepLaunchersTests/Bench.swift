import Experiment
import Foundation
import SweepLaunchers
import SweepScheduler

/// A folder with a shell script in the trainer's place.
struct Bench {
    let folder = FileManager.default.temporaryDirectory.path + "/saga-\(UUID().uuidString)"
    var directory: String { folder + "/run 1" }
    var log: String { (try? String(contentsOfFile: directory + "/output.log", encoding: .utf8)) ?? "" }

    init(script: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(filePath: folder + "/trainer"))
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder + "/trainer")
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }

    func launcher(
        slots: Int = 2, machine: Machine = Machine(cores: 8, memory: 8 << 30), trainersPerGPU: Int? = nil,
        grace: Duration = .seconds(20)
    ) -> LocalLauncher {
        LocalLauncher(
            trainer: folder + "/trainer", home: SagaHome(path: folder + "/home"),
            address: TrackerAddress(url: "http://127.0.0.1:9", token: "secret"), machine: machine,
            sharing: Sharing(slots: slots, trainersPerGPU: trainersPerGPU), grace: grace)
    }

    func start(
        _ launcher: LocalLauncher, attempt: Int = 1, resources: StageResources = StageResources(),
        program: String? = nil, command: [String]? = nil, config: [String: JSONValue] = ["dim": .int(32)]
    ) async throws -> ProcessIdentity {
        let claim = StageClaim(
            sweep: "s1", sweepName: "sweep", project: "p", stageKey: "k", stage: "train", title: "t",
            run: RunID(rawValue: "r1") ?? .random(), attempt: attempt, maximumAttempts: 3, fence: 1, config: config,
            inputs: [:], claimant: ProcessTable.current(), process: nil, directory: nil, leaseEnds: .now,
            program: program, command: command, resources: resources)
        return try await launcher.start(
            claim, directory: directory, at: try await launcher.reserve(claim, isolation: 0))
    }

    /// Waits until `condition` holds; a minute at most.
    func wait(_ condition: () async -> Bool) async throws {
        for _ in 0..<6000 where await !condition() { try await Task.sleep(for: .milliseconds(10)) }
    }

    func end(_ launcher: LocalLauncher, _ process: ProcessIdentity) async throws -> ProcessStatus {
        try await wait { await launcher.status(of: process) != .running }
        return await launcher.status(of: process)
    }
}
