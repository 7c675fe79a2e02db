import Experiment
import Foundation
import SweepLaunchers
import SweepScheduler
import Testing

@Suite("Several sweepers on one machine", .timeLimit(.minutes(3)))
struct SharedRoomTests {
    /// Says that it works, and works until a file of its directory's name tells it to end.
    private static let script = """
        directory=${3%/*}
        echo "+ ${directory##*/}" >>"$SAGA_HOME.events"
        while [ ! -e "$directory.stop" ]; do sleep 0.02; done
        echo "- ${directory##*/}" >>"$SAGA_HOME.events"
        """

    private func helper(_ bench: Bench, _ name: String, gigabytes: Int) throws -> Process {
        let helper = Process()
        helper.executableURL = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appending(path: "launcher-helper")
        helper.arguments = [bench.folder + "/trainer", "\(bench.folder)/\(name)", String(gigabytes)]
        try helper.run()
        return helper
    }

    private func events(_ bench: Bench) -> [String] {
        let text = (try? String(contentsOfFile: bench.folder + "/home.events", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    private func stop(_ bench: Bench, _ name: String) {
        _ = FileManager.default.createFile(atPath: "\(bench.folder)/\(name).stop", contents: nil)
    }

    @Test("They share a GPU by its memory: nobody gets what another has, and whoever waits goes on when that leaves")
    func memory() async throws {
        let bench = try Bench(script: SharedRoomTests.script)
        defer { bench.remove() }
        // Two of 4 GB fit on 10, a third does not.
        let helpers = try ["a", "b", "c"].map { try helper(bench, $0, gigabytes: 4) }
        defer { for helper in helpers where helper.isRunning { helper.terminate() } }
        try await bench.wait { events(bench).count == 2 }
        try await Task.sleep(for: .seconds(1))
        let first = events(bench)
        #expect(first.count == 2, "\(first)")
        let leaves = try #require(first.first?.dropFirst(2))
        stop(bench, String(leaves))
        try await bench.wait { events(bench).count == 4 }
        #expect(events(bench)[2] == "- \(leaves)")
        for name in ["a", "b", "c"] { stop(bench, name) }
        for helper in helpers {
            helper.waitUntilExit()
            #expect(helper.terminationStatus == 0)
        }
        #expect(events(bench).count == 6)
    }

    @Test("F2: a trainer whose sweeper was killed keeps its room until it ends")
    func killed() async throws {
        let bench = try Bench(script: SharedRoomTests.script)
        defer { bench.remove() }
        let dead = try helper(bench, "a", gigabytes: 8)
        try await bench.wait { events(bench) == ["+ a"] }
        kill(dead.processIdentifier, SIGKILL)
        dead.waitUntilExit()
        let next = try helper(bench, "b", gigabytes: 8)
        defer { if next.isRunning { next.terminate() } }
        try await Task.sleep(for: .seconds(1))
        #expect(events(bench) == ["+ a"])
        stop(bench, "a")
        try await bench.wait { events(bench).count == 3 }
        #expect(events(bench) == ["+ a", "- a", "+ b"])
        stop(bench, "b")
        next.waitUntilExit()
    }

    @Test("Whoever adopts a trainer has its room, and gives it back once")
    func adopted() async throws {
        let bench = try Bench(script: SharedRoomTests.script)
        defer { bench.remove() }
        let dead = try helper(bench, "a", gigabytes: 8)
        try await bench.wait { events(bench) == ["+ a"] }
        kill(dead.processIdentifier, SIGKILL)
        dead.waitUntilExit()
        let machine = Machine(gpus: [GPU(index: 0, memory: 10_000_000_000)], cores: 1, memory: 1 << 30)
        let launcher = bench.launcher(machine: machine)
        let trainer = try #require(await launcher.find(directory: bench.folder + "/a"))
        let placement = await launcher.reserve(adopted: trainer, directory: bench.folder + "/a")
        #expect(placement.gpuMemory == 8_000_000_000)
        stop(bench, "a")
        try await bench.wait { await launcher.status(of: trainer) == .gone }
        // Its sweeper still has to see to what it left behind.
        let next = try helper(bench, "b", gigabytes: 8)
        defer { if next.isRunning { next.terminate() } }
        try await Task.sleep(for: .milliseconds(600))
        #expect(events(bench) == ["+ a", "- a"])
        await launcher.release(placement)
        try await bench.wait { events(bench).count == 3 }
        #expect(events(bench).last == "+ b")
        stop(bench, "b")
        next.waitUntilExit()
    }

    @Test("Without --slots the cores that trainers use are counted; with it they are as many as it says")
    func cores() {
        let machine = Machine(cores: 8, memory: 1 << 30)
        func cpus(_ sharing: Sharing) -> Int {
            sharing.demand(StageResources(), isProgram: false, isolation: 0, on: machine).cpus
        }
        #expect(cpus(Sharing(slots: 4, countsCores: true)) == 2)
        #expect(cpus(Sharing(slots: 4)) == 0)
        // More trainers than cores share them.
        #expect(cpus(Sharing(slots: 16, countsCores: true)) == 0)
    }
}
