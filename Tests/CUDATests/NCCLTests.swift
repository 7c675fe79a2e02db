import Foundation
import Tensor
import Testing

@testable import CUDA

/// Sums over GPUs, by a library in NCCL's place that two ranks of this process call, and drivers that tell what they were
/// asked for.
@Suite("NCCL")
struct NCCLTests {
    /// Adds up at once what both ranks gave. A sum of 13 floats goes wrong later.
    private static func source(log: String) -> String {
        """
        #include <pthread.h>
        #include <stdio.h>
        #include <string.h>
        typedef struct { char bytes[128]; } ID;
        static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
        static pthread_cond_t met = PTHREAD_COND_INITIALIZER;
        static int number[2] = {0, 1}, arrived, rounds, late;
        static float *given[2];
        static size_t counts[2];
        static void note(int rank, const char *what, unsigned long more, void *stream) {
            char path[1000];
            sprintf(path, "\(log).%d", rank);
            FILE *file = fopen(path, "a");
            fprintf(file, "%s %lu %p\\n", what, more, stream);
            fclose(file);
        }
        int ncclGetVersion(int *version) { *version = 22707; return 0; }
        int ncclGetUniqueId(ID *id) { memset(id, 1, sizeof *id); strcpy(id->bytes, "the first rank's"); return 0; }
        int ncclCommInitRank(void **made, int ranks, ID id, int rank) {
            if (ranks != 2 || strcmp(id.bytes, "the first rank's") || id.bytes[127] != 1) return 4;
            *made = &number[rank];
            return 0;
        }
        int ncclCommDestroy(int *rank) { note(*rank, "destroy", 0, 0); return 0; }
        int ncclCommAbort(int *rank) { note(*rank, "abort", 0, 0); return 0; }
        int ncclCommGetAsyncError(int *rank, int *error) { *error = late; return 0; }
        const char *ncclGetLastError(int *rank) { return "a cable is loose"; }
        int ncclAllReduce(const void *from, void *to, size_t count, int type, int operation, int *rank, void *stream) {
            if (from != to || type != 7 || operation != 0) return 4;
            note(*rank, "sum", count, stream);
            pthread_mutex_lock(&lock);
            given[*rank] = to;
            counts[*rank] = count;
            if (++arrived == 2) {
                if (count == 13) late = 6;
                for (size_t i = 0; i < count && counts[0] == counts[1]; i++) given[0][i] = given[1][i] += given[0][i];
                arrived = 0;
                rounds++;
                pthread_cond_broadcast(&met);
            } else {
                for (int now = rounds; now == rounds;) pthread_cond_wait(&met, &lock);
            }
            pthread_mutex_unlock(&lock);
            return 0;
        }
        """
    }

    /// A driver that gives each stream and event a number and tells how they are ordered.
    private static func gpu(log: String) throws -> GPU {
        try FakeGPU.open(
            0, overrides(),
            preamble: """
                #include <stdio.h>
                static void note(const char *what, void *first, void *second) {
                    FILE *file = fopen("\(log)", "a");
                    fprintf(file, "%s %p %p\\n", what, first, second);
                    fclose(file);
                }
                static long made = 0x100;
                """)
    }

    private static func overrides() -> [String: String] {
        [
            "cuStreamCreate": "(void **stream, unsigned flags) { *stream = (void *)++made; return 0; }",
            "cuEventCreate": "(void **event, unsigned flags) { *event = (void *)++made; return 0; }",
            "cuEventRecord": #"(void *event, void *stream) { note("record", event, stream); return 0; }"#,
            "cuStreamWaitEvent":
                #"(void *stream, void *event, unsigned flags) { note("wait", stream, event); return 0; }"#,
        ]
    }

    /// What two ranks of one process tell each other; `twist` changes what the other one is taken to have said.
    private final class Host: Communicator, @unchecked Sendable {
        final class Table: @unchecked Sendable {
            let condition = NSCondition()
            var said: [[Int: [UInt8]]] = []
        }

        let rank: Int
        let ranks = 2
        private let table: Table?
        private let twist: ([UInt8]) -> [UInt8]
        private var round = 0

        init(_ rank: Int, _ table: Table? = nil, twist: @escaping ([UInt8]) -> [UInt8] = { $0 }) {
            self.rank = rank
            self.table = table
            self.twist = twist
        }

        func exchange(_ bytes: [UInt8]) -> [[UInt8]] {
            guard let table else { return [bytes, twist(bytes)] }
            table.condition.lock()
            defer { table.condition.unlock() }
            if table.said.count == round { table.said.append([:]) }
            table.said[round][rank] = bytes
            table.condition.broadcast()
            while table.said[round].count < 2 { table.condition.wait() }
            defer { round += 1 }
            return (0..<2).compactMap { table.said[round][$0] }
        }

        func beginSum(_ values: UnsafeMutablePointer<Float>, count: Int) { Issue.record("the host adds up") }
        func finishSums() { Issue.record("the host adds up") }
    }

    private struct Bench {
        let library: FakeLibrary
        let log: String

        init() throws {
            log = FileManager.default.temporaryDirectory.path + "/saga-\(UUID().uuidString)"
            library = try FakeLibrary(NCCLTests.source(log: log), name: "lib64/libnccl.so.2")
        }

        var search: LibrarySearch { LibrarySearch(environment: ["CUDA_HOME": library.folder], files: files) }

        /// Of the folder alone: this machine may have the real one.
        private var files: @Sendable (String) -> [String] {
            { [folder = library.folder] in
                $0.hasPrefix(folder) ? (try? FileManager.default.contentsOfDirectory(atPath: $0)) ?? [] : []
            }
        }

        func lines(_ rank: Int) -> [String] {
            let text = (try? String(contentsOfFile: "\(log).\(rank)", encoding: .utf8)) ?? ""
            return text.split(separator: "\n").map(String.init)
        }

        func remove() {
            library.remove()
            for rank in 0..<2 { try? FileManager.default.removeItem(atPath: "\(log).\(rank)") }
        }
    }

    @Test("Two ranks add up after what their devices were asked for, and before what they are asked for next")
    func sums() throws {
        let bench = try Bench()
        defer { bench.remove() }
        let table = Host.Table()
        nonisolated(unsafe) var sums: [[Float]] = [[], []]
        nonisolated(unsafe) var streams: [String] = ["", ""]
        nonisolated(unsafe) var errors: [String] = []
        let lock = NSLock()
        DispatchQueue.concurrentPerform(iterations: 2) { rank in
            do {
                let gpu = try NCCLTests.gpu(log: "\(bench.log).\(rank)")
                let communicator = try NCCLCommunicator(Host(rank, table), gpu, search: bench.search)
                // Of what happens before, nothing matters.
                try? FileManager.default.removeItem(atPath: "\(bench.log).\(rank)")
                let values = FloatStorage(count: 8)
                for index in 0..<8 { values.floats[index] = Float(index + 10 * rank) }
                communicator.beginSum(values.pointer, count: 5)
                communicator.beginSum(values.pointer + 5, count: 3)
                communicator.beginSum(values.pointer, count: 0)
                try communicator.finishSums()
                lock.withLock {
                    sums[rank] = Array(values.floats)
                    streams[rank] = "0x" + String(UInt(bitPattern: gpu.stream), radix: 16)
                }
            } catch {
                lock.withLock { errors.append("\(error)") }
            }
        }
        #expect(errors.isEmpty)
        for rank in 0..<2 {
            #expect(sums[rank] == [10, 12, 14, 16, 18, 20, 22, 24])
            let (lines, own) = (bench.lines(rank), streams[rank])
            let parts = try #require(lines.first).split(separator: " ").map(String.init)
            let ready = parts[1]
            let other = try #require(lines.dropFirst().first).split(separator: " ").map(String.init)[1]
            #expect(other != own && other != "(nil)")
            let begin = ["record \(ready) \(own)", "wait \(other) \(ready)"]
            let done = try #require(lines.dropFirst(6).first).split(separator: " ").map(String.init)[1]
            #expect(done != ready)
            let both = begin + ["sum 5 \(other)"] + begin + ["sum 3 \(other)"]
            let end = ["record \(done) \(other)", "wait \(own) \(done)", "destroy 0 (nil)"]
            #expect(lines == both + end)
        }
    }

    @Test("Ranks with different versions of it do not begin")
    func versions() throws {
        let bench = try Bench()
        defer { bench.remove() }
        let host = Host(0) { _ in withUnsafeBytes(of: Double(22800)) { Array($0) } }
        let gpu = try FakeGPU.open()
        let error = #expect(throws: RankError.self) { try NCCLCommunicator(host, gpu, search: bench.search) }
        #expect(error?.description.contains("different versions of NCCL ([22707, 22800])") == true)
    }

    @Test("It is missed by name, and by what it lacks")
    func missing() throws {
        let none = #expect(throws: CUDAError.self) { try NCCL(LibrarySearch(environment: [:]) { _ in [] }) }
        #expect(none?.description.contains("nvidia-nccl-cu12") == true)
        let old = try FakeLibrary("int ncclGetVersion(int *v) { return 0; }", name: "lib64/libnccl.so.2")
        defer { old.remove() }
        let error = #expect(throws: CUDAError.self) {
            try NCCL(LibrarySearch(environment: ["CUDA_HOME": old.folder]))
        }
        #expect(error?.description.contains("lacks ncclGetUniqueId") == true)
    }

    @Test(
        "A sum that fails on the way, and a rank that is lost, end the wait with a sentence", arguments: [false, true])
    func failure(isLost: Bool) throws {
        let bench = try Bench()
        defer { bench.remove() }
        let table = Host.Table()
        nonisolated(unsafe) var sentences: [String] = []
        let lock = NSLock()
        DispatchQueue.concurrentPerform(iterations: 2) { rank in
            do {
                let communicator = try NCCLCommunicator(Host(rank, table), try FakeGPU.open(), search: bench.search)
                let values = FloatStorage(count: 13)
                if isLost { communicator.abort() }
                communicator.beginSum(values.pointer, count: 13)
                try communicator.finishSums()
            } catch {
                lock.withLock { sentences.append("\(error)") }
            }
        }
        #expect(sentences.count == 2)
        for sentence in sentences {
            #expect(
                sentence.contains(
                    isLost
                        ? "another rank is gone"
                        : "cannot add up gradients: its error 6, a cable is loose; set NCCL_DEBUG"))
        }
        // Each ended once.
        for rank in 0..<2 { #expect(bench.lines(rank).last == (isLost ? "abort 0 (nil)" : "destroy 0 (nil)")) }
    }
}
