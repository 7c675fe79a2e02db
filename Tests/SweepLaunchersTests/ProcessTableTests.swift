import Experiment
import Foundation
import SweepLaunchers
import Testing

@Suite("Process table")
struct ProcessTableTests {
    private static func line(name: String, state: String = "S", ticks: String = "4242", flags: Int = 4_194_304)
        -> String
    {
        "77 (\(name)) \(state) 1 77 78 0 -1 \(flags) 1 0 0 0 0 0 0 0 20 0 1 0 \(ticks) 5 6 7\n"
    }

    @Test(
        "Names with spaces and parentheses do not shift the fields", arguments: ["sh", "a b", "a) S (b", ") R 1", "(("])
    func names(name: String) throws {
        let stat = try #require(ProcessTable.Stat(ProcessTableTests.line(name: name)))
        #expect(stat.startTicks == 4242 && stat.state == "S" && !stat.hasEnded)
        #expect(stat.session == 78 && !stat.isKernelThread)
    }

    @Test(
        "What is not such a line is no process",
        arguments: ["", "77", "77 (sh", "77 (sh) S 1 2", line(name: "x", ticks: "-")])
    func malformed(text: String) { #expect(ProcessTable.Stat(text) == nil) }

    @Test("A thread of the kernel is told from a process that has no arguments yet")
    func kernelThread() throws {
        let stat = try #require(ProcessTable.Stat(ProcessTableTests.line(name: "kworker/0:1", flags: 69_238_880)))
        #expect(stat.isKernelThread)
    }

    @Test(
        "A process is found from the moment it was started, and itself, not a copy that it is about to make a program of"
    )
    func find() throws {
        // It copies itself all the time; each copy has its arguments until it has become `true`.
        let argument = "saga-\(UUID().uuidString)"
        for _ in 0..<200 {
            let pid = try ProcessTableTests.startSession(["/bin/sh", "-c", "while :; do /bin/true; done", argument])
            defer {
                kill(-pid, SIGKILL)
                waitpid(pid, nil, 0)
            }
            #expect(ProcessTable.find(argument: argument)?.pid == pid)
        }
        #expect(ProcessTable.find(argument: argument) == nil)
    }

    private static func startSession(_ command: [String]) throws -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // POSIX_SPAWN_SETSID of glibc's spawn.h.
        posix_spawnattr_setflags(&attributes, 0x80)
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var pid: pid_t = 0
        try #require(posix_spawn(&pid, command[0], nil, &attributes, &arguments, [nil]) == 0)
        return pid
    }

    @Test("A process that waits to be reaped has ended")
    func zombie() throws {
        let stat = try #require(ProcessTable.Stat(ProcessTableTests.line(name: "x", state: "Z")))
        #expect(stat.hasEnded)
    }

    @Test("This process lives; one of its pid that was started at another time does not")
    func identity() {
        var me = ProcessTable.current()
        #expect(ProcessTable.isAlive(me))
        me.startTicks += 1
        #expect(!ProcessTable.isAlive(me))
        me = ProcessTable.current()
        me.host = "elsewhere"
        #expect(!ProcessTable.isAlive(me))
        #expect(ProcessTable.identity(-1) == nil)
    }

    @Test("The trainer is looked for beside the program, then on the path")
    func trainerProgram() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/saga-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let made = FileManager.default.createFile(
            atPath: folder + "/trainer", contents: Data(), attributes: [.posixPermissions: 0o700])
        #expect(made)
        #expect(try TrainerProgram.locate(beside: folder + "/sweeper", path: "") == folder + "/trainer")
        #expect(try TrainerProgram.locate(beside: "/nowhere/sweeper", path: "/x:\(folder)") == folder + "/trainer")
        let error = #expect(throws: LauncherError.self) { try TrainerProgram.locate(beside: nil, path: "/nowhere") }
        #expect(error?.description.contains("swift build") == true)
    }
}
