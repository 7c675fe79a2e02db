import Experiment
import Foundation
import SweepLaunchers
import SweepScheduler
import Testing

@Suite("Local launcher, with real processes")
struct LocalLauncherTests {
    @Test("The process gets its settings and its surroundings; its output goes to a file, attempt after attempt")
    func surroundings() async throws {
        let bench = try Bench(
            script:
                #"echo "$@ $SAGA_HOME $SAGA_URL $SAGA_TOKEN $SAGA_THREADS $OMP_NUM_THREADS $SAGA_RANKS"; echo oops >&2; cat; exit 3"#
        )
        defer { bench.remove() }
        let launcher = bench.launcher(
            machine: Machine(gpus: (0...2).map { GPU(index: $0) }, cores: 8, memory: 8 << 30))
        for gpus in 1...2 {
            let process = try await bench.start(launcher, resources: StageResources(gpus: gpus))
            #expect(try await launcher.waitForEnd(of: process) == .exited(code: 3))
        }
        let line = "train --settings \(bench.directory)/run.json \(bench.folder)/home http://127.0.0.1:9 secret 4 1"
        #expect(bench.log == "\(line) 1\noops\n\(line) 2\noops\n", "a training has as many processes as GPUs")
        #expect(try RunSettings.read(from: bench.directory + "/run.json").config == ["dim": .int(32)])
    }

    @Test("It has a session of its own, is found by its settings file, and a signal's end is told")
    func session() async throws {
        let bench = try Bench(script: "echo up; exec sleep 60")
        defer { bench.remove() }
        let launcher = bench.launcher()
        let process = try await bench.start(launcher)
        defer { kill(process.pid, SIGKILL) }
        #expect(getsid(process.pid) == process.pid && getpgid(process.pid) == process.pid)
        #expect(await launcher.status(of: process) == .running)
        #expect(ProcessTable.isAlive(process) && process == ProcessTable.identity(process.pid))
        // `exec` takes the script's arguments away: it is found before, by a launcher that did not start it.
        await launcher.terminate(process)
        #expect(try await bench.end(launcher, process) == .signalled(SIGTERM))
        #expect(ProcessTable.stat(process.pid) == nil, "a zombie is left")
    }

    @Test("Another launcher sees a process that it did not start: alive, then gone")
    func stranger() async throws {
        let bench = try Bench(script: "while [ ! -e \"$SAGA_HOME.stop\" ]; do sleep 0.05; done")
        defer { bench.remove() }
        let (own, other) = (bench.launcher(), bench.launcher())
        let process = try await bench.start(own)
        #expect(await other.find(directory: bench.directory) == process)
        #expect(await other.find(directory: bench.folder) == nil)
        #expect(await other.status(of: process) == .running)
        _ = FileManager.default.createFile(atPath: bench.folder + "/home.stop", contents: nil)
        #expect(try await bench.end(own, process) == .exited(code: 0))
        #expect(await other.status(of: process) == .gone)
    }

    @Test("Cancelling the task that started it leaves it alone")
    func cancelled() async throws {
        let bench = try Bench(script: "sleep 0.3; echo survived")
        defer { bench.remove() }
        let launcher = bench.launcher()
        let task = Task {
            let process = try await bench.start(launcher)
            try? await Task.sleep(for: .seconds(60))
            return process
        }
        try await bench.wait { FileManager.default.fileExists(atPath: bench.directory + "/output.log") }
        task.cancel()
        let process = try await task.value
        #expect(try await bench.end(launcher, process) == .exited(code: 0))
        #expect(bench.log == "survived\n")
    }

    @Test("It outlives a parent that is killed, and whoever comes next finds it")
    func parentKilled() async throws {
        let bench = try Bench(script: #"echo up; while [ ! -e "$SAGA_HOME.stop" ]; do sleep 0.05; done; echo survived"#)
        defer { bench.remove() }
        let helper = Process()
        helper.executableURL = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appending(path: "launcher-helper")
        helper.arguments = [bench.folder + "/trainer", bench.directory]
        try helper.run()
        try await bench.wait { bench.log == "up\n" }
        let launcher = bench.launcher()
        let process = try #require(await launcher.find(directory: bench.directory))
        kill(helper.processIdentifier, SIGKILL)
        helper.waitUntilExit()
        try await Task.sleep(for: .milliseconds(200))
        #expect(await launcher.status(of: process) == .running)
        _ = FileManager.default.createFile(atPath: bench.folder + "/home.stop", contents: nil)
        #expect(try await bench.end(launcher, process) == .gone)
        #expect(bench.log == "up\nsurvived\n")
    }

    @Test("What cannot be started says so in one sentence")
    func cannotStart() async throws {
        let bench = try Bench(script: "")
        defer { bench.remove() }
        let launcher = bench.launcher()
        try FileManager.default.removeItem(atPath: bench.folder + "/trainer")
        let error = await #expect(throws: LauncherError.self) { try await bench.start(launcher) }
        #expect(error?.code == "start_failed" && error?.description.contains("\n") == false)
        try FileManager.default.removeItem(atPath: bench.directory)
        try Data().write(to: URL(filePath: bench.directory))
        let occupied = await #expect(throws: LauncherError.self) { try await bench.start(launcher) }
        #expect(occupied?.code == "run_directory")
    }
}
