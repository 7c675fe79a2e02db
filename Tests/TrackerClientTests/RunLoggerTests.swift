import Experiment
import Foundation
import Glibc
import Testing

@testable import TrackerClient

@Suite("Run logger without a tracker")
struct RunLoggerTests {
    @Test("F5: logging goes to disk at once and finishing ends at its deadline, whether the tracker is away or hangs")
    func trackerAway() throws {
        // Accepts connections and never answers.
        let hanging = CannedServer(answer: [])
        defer { hanging.stop() }
        for address in ["http://127.0.0.1:1", hanging.url] {
            try withTemporaryDirectory { directory in
                let run = RunID.random()
                let logger = try RunLogger(
                    directory: directory, run: run, attempt: 1, address: TrackerAddress(url: address))
                let clock = ContinuousClock()
                let logging = clock.measure { for record in sampleRecords(1_000) { logger.log(record) } }
                #expect(logging < .seconds(1))
                let finishing = clock.measure { #expect(!logger.finish(deadline: .milliseconds(300))) }
                #expect(finishing < .seconds(2))
                #expect(logger.lostRecords == 0)
                let reader = try RunLogReader(path: RunLog.path(directory: directory, attempt: 1))
                try reader.seek(after: .max)
                #expect(reader.lastSequence == 1_000)
            }
        }
    }

    @Test("Without an address everything is on disk and nothing is acknowledged")
    func noAddress() throws {
        try withTemporaryDirectory { directory in
            let logger = try RunLogger(directory: directory, run: .random(), attempt: 3, address: nil)
            logger.log(.summary(["a": .int(1)]))
            #expect(!logger.finish(deadline: .seconds(5)))
            #expect(try RunLogReader(path: RunLog.path(directory: directory, attempt: 3)).next() != nil)
        }
    }

    @Test("A record that cannot be written is counted and does not stop the next")
    func lostRecord() throws {
        try withTemporaryDirectory { directory in
            let logger = try RunLogger(directory: directory, run: .random(), attempt: 1, address: nil)
            logger.log(.summary(["text": .string(String(repeating: "x", count: 5 << 20))]))
            logger.log(.summary(["a": .int(1)]))
            #expect(logger.lostRecords == 1)
            #expect(try RunLogReader(path: RunLog.path(directory: directory, attempt: 1)).next()?.sequence == 1)
        }
    }

    @Test("F13: a full disk stops no training; what is lost is counted, and what comes after it is kept")
    func diskFull() throws {
        try withTemporaryDirectory { directory in
            let logger = try RunLogger(directory: directory, run: .random(), attempt: 1, address: nil)
            let records = sampleRecords(30)
            for record in records[..<10] { logger.log(record) }
            try withFileSizeLimit(of: RunLog.path(directory: directory, attempt: 1), more: 20) {
                for record in records[10..<20] { logger.log(record) }
            }
            #expect(logger.lostRecords == 10)
            for record in records[20...] { logger.log(record) }
            #expect(logger.lostRecords == 10)
            let reader = try RunLogReader(path: RunLog.path(directory: directory, attempt: 1))
            var read: [RunRecord] = []
            while let record = try reader.next() { read.append(record.record) }
            #expect(read == Array(records[..<10] + records[20...]))
        }
    }

    /// Lets this process write only so many bytes more to the file: a write beyond fails, perhaps after a part.
    private func withFileSizeLimit(of path: String, more: Int, _ body: () -> Void) throws {
        let size = try #require(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
        var old = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &old)
        // The default is to die.
        let handler = signal(SIGXFSZ, SIG_IGN)
        var new = old
        new.rlim_cur = rlim_t(size + more)
        #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &new) == 0)
        body()
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &old)
        signal(SIGXFSZ, handler)
    }

    @Test("F19: threads that log at once make one row each, in one sequence")
    func threads() throws {
        try withTemporaryDirectory { directory in
            let logger = try RunLogger(directory: directory, run: .random(), attempt: 1, address: nil)
            DispatchQueue.concurrentPerform(iterations: 8) { thread in
                for step in 0..<250 {
                    logger.log(
                        .metrics(
                            MetricRow(step: Int64(step), time: Date(), values: ["thread\(thread)": Double(step)])))
                }
            }
            let reader = try RunLogReader(path: RunLog.path(directory: directory, attempt: 1))
            var steps: [String: [Int64]] = [:]
            while let record = try reader.next() {
                guard case .metrics(let row) = record.record else { continue }
                for name in row.values.keys { steps[name, default: []].append(row.step) }
            }
            #expect(reader.lastSequence == 2_000)
            #expect(steps.count == 8 && steps.values.allSatisfy { $0 == Array(0..<250) })
        }
    }

    @Test("F19: a forked child that logs hangs nothing and doubles nothing")
    func fork() throws {
        typealias Fork = @convention(c) () -> pid_t
        // Swift hides fork; Python's data loaders and C libraries do not.
        let fork = unsafeBitCast(try #require(dlsym(nil, "fork")), to: Fork.self)
        try withTemporaryDirectory { directory in
            let logger = try RunLogger(directory: directory, run: .random(), attempt: 1, address: nil)
            logger.log(.summary(["parent": .int(1)]))
            let child = fork()
            if child == 0 {
                logger.log(.summary(["child": .int(1)]))
                _exit(0)
            }
            var status: Int32 = 0
            #expect(waitpid(child, &status, 0) == child && status == 0)
            logger.log(.summary(["parent": .int(2)]))
            let reader = try RunLogReader(path: RunLog.path(directory: directory, attempt: 1))
            var records: [RunRecord] = []
            while let record = try reader.next() { records.append(record.record) }
            #expect(records == [.summary(["parent": .int(1)]), .summary(["parent": .int(2)])])
        }
    }

    @Test("Pauses between tries grow to a limit and are spread at random")
    func backoff() {
        var generator = SystemRandomNumberGenerator()
        var backoff = Backoff()
        var ceiling = Backoff.first
        for _ in 0..<40 {
            let pause = backoff.next(using: &generator)
            #expect(pause >= ceiling / 2 && pause <= ceiling)
            ceiling = min(Backoff.longest, ceiling * 2)
        }
        backoff.reset()
        #expect(backoff.next(using: &generator) <= Backoff.first)
    }
}
