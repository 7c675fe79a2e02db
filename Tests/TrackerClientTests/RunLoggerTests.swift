import Experiment
import Foundation
import Testing

@testable import TrackerClient

@Suite("Run logger without a tracker")
struct RunLoggerTests {
    @Test("Logging goes to disk at once and finishing ends at its deadline, whether the tracker is away or hangs")
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
