package import Experiment
import Foundation
import Subprocess
package import SweepScheduler
import Synchronization
import SystemPackage

/// Starts trainers as processes of this machine, each in a session of its own: neither the sweeper's end nor a
/// terminal's Ctrl-C reaches them.
package final class LocalLauncher: Launcher {
    private let trainer: String
    private let environment: Environment
    /// Processes that this launcher started.
    private let children = Mutex<[ProcessIdentity: ProcessStatus]>([:])

    /// Signals to a process group that does not end are followed by SIGKILL after this time.
    private static let grace = Duration.seconds(20)

    /// Starts the program at the path `trainer`, `slots` at a time, which share the `cores`.
    package init(
        trainer: String, slots: Int, home: SagaHome, address: TrackerAddress,
        cores: Int = ProcessInfo.processInfo.activeProcessorCount
    ) {
        self.trainer = trainer
        environment = .inherit.updating([
            "SAGA_HOME": home.path, "SAGA_URL": address.url, "SAGA_TOKEN": address.token,
            "SAGA_THREADS": String(max(1, cores / max(1, slots))),
            // The trainer divides its work itself; a second layer of threads would fight the other slots.
            "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1",
        ])
    }

    package func start(_ settings: RunSettings, directory: String) async throws -> ProcessIdentity {
        let file = LocalLauncher.settingsFile(directory)
        let log: FileDescriptor
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try JSONCoding.encode(settings).write(to: URL(filePath: file), options: .atomic)
            // A file, because a pipe would break with this process and take the trainer along.
            log = try FileDescriptor.open(
                FilePath(directory + "/output.log"), .writeOnly, options: [.append, .create, .noFollow, .closeOnExec],
                permissions: .ownerReadWrite)
        } catch {
            throw LauncherError(
                "run_directory", "\(directory) cannot be written (\(error)); make room or set SAGA_HOME")
        }
        var options = PlatformOptions()
        options.createSession = true
        let configuration = Configuration(
            executable: .path(FilePath(trainer)), arguments: [settings.stage ?? "train", "--settings", file],
            environment: environment, platformOptions: options)
        return try await withCheckedThrowingContinuation { started in
            // Detached, because a cancelled task would end the process: cancelling a sweep leaves its trainers alone.
            Task.detached { await self.run(configuration, log, started) }
        }
    }

    /// Waits for the process and reaps it. `started` is resumed once: with its identity, or with why there is none.
    private func run(
        _ configuration: Configuration, _ log: FileDescriptor,
        _ started: CheckedContinuation<ProcessIdentity, any Error>
    ) async {
        var child: ProcessIdentity?
        do {
            let result = try await Subprocess.run(
                configuration, input: .none, output: .fileDescriptor(log, closeAfterSpawningProcess: true),
                error: .combinedWithOutput
            ) { execution in
                let pid = execution.processIdentifier.value
                // It is not reaped before this closure has returned, so it is in the table.
                let identity =
                    ProcessTable.identity(pid)
                    ?? ProcessIdentity(host: ProcessTable.host, pid: pid, startTicks: 0)
                child = identity
                children.withLock { $0[identity] = .running }
                started.resume(returning: identity)
            }
            let status: ProcessStatus =
                switch result.terminationStatus {
                case .exited(let code): .exited(code: code)
                case .signaled(let signal): .signalled(signal)
                }
            if let child { children.withLock { $0[child] = status } }
        } catch {
            if let child {
                children.withLock { $0[child] = .gone }
            } else {
                started.resume(throwing: LauncherError("start_failed", "\(trainer) cannot be started: \(error)"))
            }
        }
    }

    package func status(of process: ProcessIdentity) async -> ProcessStatus {
        children.withLock { $0[process] } ?? (ProcessTable.isAlive(process) ? .running : .gone)
    }

    package func find(directory: String) async -> ProcessIdentity? {
        ProcessTable.find(argument: LocalLauncher.settingsFile(directory))
    }

    package func result(directory: String) async -> StageResult? { StageResult.read(fromDirectory: directory) }

    package func terminate(_ process: ProcessIdentity) async {
        // The trainer leads its session, so that its group has its pid.
        guard ProcessTable.isAlive(process) else { return }
        kill(-process.pid, SIGTERM)
        Task.detached {
            try await Task.sleep(for: LocalLauncher.grace)
            if ProcessTable.isAlive(process) { kill(-process.pid, SIGKILL) }
        }
    }

    private static func settingsFile(_ directory: String) -> String { directory + "/run.json" }
}
