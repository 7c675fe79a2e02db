import Foundation
import SweepLaunchers
import SweepScheduler
import Testing

@Suite("Output of trainers")
struct OutputLogTests {
    @Test("A file that grows is cut at its front while it is written to, and nothing of the newest is lost")
    func trimmed() async throws {
        let bench = try Bench(
            script: "i=0; while [ $i -lt 20000 ]; do echo \"line $i of the output, which is long\"; i=$((i+1)); done")
        defer { bench.remove() }
        let launcher = bench.launcher()
        let process = try await bench.start(launcher)
        let log = OutputLog(directory: bench.directory, limit: 64 << 10)
        while await launcher.status(of: process) == .running {
            log.trim()
            try await Task.sleep(for: .milliseconds(1))
        }
        #expect(try await launcher.waitForEnd(of: process) == .exited(code: 0))
        log.trim()
        var info = stat()
        #expect(lstat(log.path, &info) == 0 && Int64(info.st_blocks) * 512 <= log.limit + 8192)
        // Where the file system can only make holes, they read as zeros.
        let text = bench.log.drop { $0 == "\0" }
        let numbers = text.split(separator: "\n").dropFirst().compactMap { $0.split(separator: " ")[1] }
            .compactMap { Int($0) }
        let first = try #require(numbers.first)
        #expect(numbers == Array(first..<20000) && first > 0)
    }

    @Test(
        "Out of memory is recognised by what frameworks say and by the kernel's count",
        arguments: [
            (.exited(code: 1), "torch.OutOfMemoryError: CUDA out of memory. Tried", false, .gpu),
            (.exited(code: 1), "RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED", false, .gpu),
            (.signalled(6), "terminate called after throwing an instance of 'std::bad_alloc'", false, .main),
            (.exited(code: 1), "numpy._core._exceptions._ArrayMemoryError: Unable", false, .main),
            (.signalled(9), "", true, .main), (.exited(code: 137), "step 7", true, .main),
            (.signalled(9), "step 7", false, nil), (.exited(code: 1), "step 7", true, nil),
            (.exited(code: 0), "caught: CUDA out of memory", true, nil),
        ] as [(ProcessStatus, String, Bool, MemoryShortage?)])
    func outOfMemory(status: ProcessStatus, tail: String, kills: Bool, shortage: MemoryShortage?) {
        #expect(OutOfMemory.shortage(status: status, tail: tail, kills: kills) == shortage)
    }

    @Test("F10: what an earlier attempt said is not held against this one, and the next sweeper knows of it")
    func attempts() async throws {
        let bench = try Bench(script: "[ -e \"$SAGA_HOME.done\" ] || echo CUDA out of memory; exit 1")
        defer { bench.remove() }
        let launcher = bench.launcher()
        #expect(await launcher.isolation(directory: bench.directory) == 0)
        let first = try await launcher.waitForEnd(of: try await bench.start(launcher))
        #expect(await launcher.shortage(directory: bench.directory, status: first) == .gpu)
        #expect(await bench.launcher().isolation(directory: bench.directory) == 1)
        _ = FileManager.default.createFile(atPath: bench.folder + "/home.done", contents: nil)
        let second = try await launcher.waitForEnd(of: try await bench.start(launcher, attempt: 2))
        #expect(await launcher.shortage(directory: bench.directory, status: second) == nil)
    }
}
