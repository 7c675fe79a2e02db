package import Experiment
import Foundation
import Subprocess
package import SweepScheduler
import Synchronization
import SystemPackage

/// Starts trainers as processes of this machine, each in a session of its own: neither the sweeper's end nor a
/// terminal's Ctrl-C reaches them.
package final class LocalLauncher: Launcher {
    private struct Child {
        var status = ProcessStatus.running
        /// The kernel's count of kills for want of memory when it was started.
        var kills: Int?
        var waiting: [UUID: CheckedContinuation<ProcessStatus, any Error>] = [:]
    }

    let trainer: String?
    let address: TrackerAddress
    let home: SagaHome
    let machine: Machine
    package let sharing: Sharing
    private let room: Room
    private let grace: Duration
    /// Processes that this launcher started.
    private let children = Mutex<[ProcessIdentity: Child]>([:])
    /// By run directory: whether the kernel killed for want of memory while the last attempt ran.
    private let kills = Mutex<[String: Bool]>([:])

    /// What a trainer has left behind may take this long to end by itself.
    private static let linger = Duration.seconds(10)
    /// Between two looks at processes that other sweepers started: they are not ours to wait for.
    private static let look = Duration.milliseconds(50)

    /// `trainer` is the path of our trainer, nil where the sweep runs other programs only. Signals to a process group
    /// that does not end are followed by SIGKILL after `grace`.
    package init(
        trainer: String?, home: SagaHome, address: TrackerAddress, machine: Machine, sharing: Sharing,
        grace: Duration = .seconds(20)
    ) {
        self.trainer = trainer
        self.home = home
        self.address = address
        self.machine = machine
        self.sharing = sharing
        self.grace = grace
        room = Room(machine, home: home)
    }

    /// Why a trainer with these needs can never run on this machine; nil when it can.
    package func refusal(_ resources: StageResources, isProgram: Bool) -> String? {
        room.refusal(of: sharing.demand(resources, isProgram: isProgram, isolation: 0, on: machine))
    }

    package func reserve(_ claim: StageClaim, isolation: Int) async throws -> Placement {
        let demand = sharing.demand(
            claim.resources, isProgram: claim.program != nil, isolation: isolation, on: machine)
        if let refusal = room.refusal(of: demand) {
            throw LauncherError("no_room", "a trainer of '\(claim.title)' \(refusal)")
        }
        return try await room.take(demand)
    }

    package func reserve(adopted process: ProcessIdentity, directory: String) async -> Placement {
        room.occupy(PlacementRecord.read(directory)?.placement ?? Placement(), by: process)
    }

    package func release(_ placement: Placement) async { room.release(placement) }

    package func isolation(directory: String) async -> Int { PlacementRecord.read(directory)?.isolation ?? 0 }

    package func start(
        _ claim: StageClaim, directory: String, at placement: Placement
    ) async throws -> ProcessIdentity {
        let log: FileHandle
        do {
            log = try prepare(claim, directory: directory, placement)
        } catch {
            throw LauncherError(
                "run_directory", "\(directory) cannot be written (\(error)); make room or set SAGA_HOME")
        }
        let command = try commandLine(claim, directory: directory)
        var options = PlatformOptions()
        options.createSession = true
        let configuration = Configuration(
            executable: .path(FilePath(command.executable)), arguments: Arguments(command.arguments),
            environment: environment(claim, directory: directory, placement), platformOptions: options)
        return try await withCheckedThrowingContinuation { started in
            // Detached, because a cancelled task would end the process: cancelling a sweep leaves its trainers alone.
            Task.detached { await self.run(configuration, log, directory, command.executable, placement, started) }
        }
    }

    /// Waits for the process and reaps it. `started` is resumed once: with its identity, or with why there is none.
    private func run(
        _ configuration: Configuration, _ log: FileHandle, _ directory: String, _ program: String,
        _ placement: Placement, _ started: CheckedContinuation<ProcessIdentity, any Error>
    ) async {
        var child: ProcessIdentity?
        let kills = MemoryKills.count()
        let output = FileDescriptor(rawValue: log.fileDescriptor)
        do {
            let result = try await Subprocess.run(
                configuration, input: .none, output: .fileDescriptor(output, closeAfterSpawningProcess: false),
                error: .combinedWithOutput
            ) { execution in
                let pid = execution.processIdentifier.value
                // It is not reaped before this closure has returned, so it is in the table.
                let identity =
                    ProcessTable.identity(pid)
                    ?? ProcessIdentity(host: ProcessTable.host, pid: pid, startTicks: 0)
                child = identity
                children.withLock { $0[identity] = Child(kills: kills) }
                room.note(identity, at: placement)
                started.resume(returning: identity)
            }
            let status: ProcessStatus =
                switch result.terminationStatus {
                case .exited(let code): .exited(code: code)
                case .signaled(let signal): .signalled(signal)
                }
            if let child { await ended(child, status, kills: kills, directory) }
        } catch {
            if let child {
                await ended(child, .gone, kills: kills, directory)
            } else {
                started.resume(throwing: LauncherError("start_failed", "\(program) cannot be started: \(error)"))
            }
        }
    }

    private func ended(_ child: ProcessIdentity, _ status: ProcessStatus, kills before: Int?, _ directory: String) async
    {
        await ProcessGroup.clear(child, linger: LocalLauncher.linger)
        let hasKilled = status != .exited(code: 0) && (MemoryKills.count() ?? 0) > (before ?? .max)
        kills.withLock { $0[directory] = hasKilled }
        let waiting = children.withLock { children in
            defer { children[child] = Child(status: status) }
            return children[child]?.waiting ?? [:]
        }
        for waiter in waiting.values { waiter.resume(returning: status) }
    }

    package func status(of process: ProcessIdentity) async -> ProcessStatus {
        children.withLock { $0[process]?.status } ?? (ProcessTable.isAlive(process) ? .running : .gone)
    }

    package func waitForEnd(of process: ProcessIdentity) async throws -> ProcessStatus {
        guard children.withLock({ $0[process] != nil }) else { return try await waitForStranger(process) }
        let id = UUID()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let status: ProcessStatus? = children.withLock { children in
                    guard let child = children[process], child.status == .running else {
                        return children[process]?.status ?? .gone
                    }
                    children[process]?.waiting[id] = continuation
                    return nil
                }
                if let status {
                    continuation.resume(returning: status)
                } else if Task.isCancelled {
                    cancelWait(process, id)
                }
            }
        } onCancel: {
            cancelWait(process, id)
        }
    }

    private func cancelWait(_ process: ProcessIdentity, _ id: UUID) {
        let waiter = children.withLock { $0[process]?.waiting.removeValue(forKey: id) }
        waiter?.resume(throwing: CancellationError())
    }

    private func waitForStranger(_ process: ProcessIdentity) async throws -> ProcessStatus {
        while ProcessTable.isAlive(process) { try await Task.sleep(for: LocalLauncher.look) }
        await ProcessGroup.clear(process, linger: LocalLauncher.linger)
        return .gone
    }

    package func age(of process: ProcessIdentity) async -> Double? { ProcessTable.age(of: process) }

    package func find(directory: String) async -> ProcessIdentity? {
        ProcessTable.find(argument: LocalLauncher.settingsFile(directory))
    }

    package func result(directory: String) async -> StageResult? { StageResult.read(fromDirectory: directory) }

    package func shortage(directory: String, status: ProcessStatus) async -> MemoryShortage? {
        guard status != .exited(code: 0) else { return nil }
        let record = PlacementRecord.read(directory)
        let tail = OutputLog(directory: directory).tail(since: record?.outputStart ?? 0)
        let hasKilled = kills.withLock { $0[directory] } ?? false
        let shortage = OutOfMemory.shortage(status: status, tail: tail, kills: hasKilled)
        if shortage != nil, var record {
            record.isolation += 1
            // A sweeper that comes after this one gives it less room if this fails; nothing worse.
            try? record.write(directory)
        }
        return shortage
    }

    package func artefact(of claim: StageClaim, directory: String) async throws -> String? {
        // What other programs make, and of what, is theirs to know.
        claim.program == nil ? try await Artefact.record(directory: directory) : nil
    }

    package func defect(of reuse: StageReuse) async -> String? { await Artefact.defect(of: reuse) }

    package func tidy(directory: String) async { OutputLog(directory: directory).trim() }

    package func terminate(_ process: ProcessIdentity) async { ProcessGroup.terminate(process, grace: grace) }

    static func settingsFile(_ directory: String) -> String { directory + "/run.json" }
}
