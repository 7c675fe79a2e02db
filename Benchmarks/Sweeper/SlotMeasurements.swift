import BenchmarkSupport
import Foundation

/// `sweeper run` with programs that only sleep: how long a slot stands idle between two of them, and how busy many are.
struct SlotMeasurements {
    let workshop: Workshop
    let server: Server
    let databaseProcess: pid_t

    func run() throws -> [Figure] {
        let few = try sweep(trials: 120, slots: 2, sleep: 0.2)
        let gaps = Samples(few.gaps.map { $0 * 1000 })
        let many = try sweep(trials: 640, slots: 64, sleep: 2)
        note("  of 64 slots: idle \(many.gaps.count) times, median \(Samples(many.gaps).median * 1000) ms")
        func cores(_ what: String, _ seconds: Double) -> Figure {
            Figure(
                name: "64 slots of trials of 2 s: \(what)", unit: "cores", better: .lower,
                ours: seconds / many.span)
        }
        return [
            SweeperAim.slotMedian.row(gaps.median), SweeperAim.slotMaximum.row(gaps.maximum),
            SweeperAim.busy.row(many.busyShare), cores("the sweeper takes", many.sweeperSeconds),
            cores("tracker and database take", many.trackerSeconds),
        ]
    }

    /// What a sweep's trials wrote down, and what processor time it took.
    private struct Ledger {
        /// Of each trial, in seconds.
        var intervals: [(start: Double, end: Double)]
        var slots: Int
        var sweeperSeconds = 0.0
        var trackerSeconds = 0.0

        /// Between each end and the start that takes its slot: as many trials are under way as there are slots, so the
        /// k-th end frees the slot of the start that comes `slots` later.
        var gaps: [Double] {
            let starts = intervals.map(\.start).sorted()
            let ends = intervals.map(\.end).sorted()
            return (0..<max(0, starts.count - slots)).map { starts[$0 + slots] - ends[$0] }
        }

        /// From when all slots have begun to when the first has nothing left to do.
        private var window: (from: Double, to: Double) {
            let starts = intervals.map(\.start).sorted()
            let ends = intervals.map(\.end).sorted()
            return (starts[slots - 1], ends[ends.count - slots])
        }

        var busyShare: Double {
            let (from, to) = window
            let busy = intervals.reduce(0) { $0 + max(0, min(to, $1.end) - max(from, $1.start)) }
            return busy / (Double(slots) * (to - from))
        }

        var span: Double {
            (intervals.map(\.end).max() ?? 0) - (intervals.map(\.start).min() ?? 0)
        }
    }

    private func sweep(trials: Int, slots: Int, sleep: Double) throws -> Ledger {
        let ledger = workshop.folder + "/ledger-\(trials)"
        let program = try workshop.write(
            """
            echo "$1 start $(date +%s%N)" >>\(ledger)
            sleep \(sleep)
            echo "$1 end $(date +%s%N)" >>\(ledger)
            """, to: "trial-\(trials).sh")
        let file = try workshop.write(
            SweepFiles.sleeping(trials: trials, program: program), to: "sleeping-\(trials).yaml")
        var sweeper = workshop.program("sweeper")
        sweeper.environment["SAGA_URL"] = server.url
        sweeper.environment["SAGA_HOME"] = workshop.folder + "/home"
        let before = trackerTime()
        let process = try sweeper.start(
            ["run", file, "--slots", "\(slots)"], output: .nullDevice, errors: .nullDevice)
        var time = 0.0
        while process.isRunning {
            time = ProcessorTime.of(process.processIdentifier) ?? time
            Thread.sleep(forTimeInterval: 0.1)
        }
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Program.Failure(description: "sweeper run ended with \(process.terminationStatus)")
        }
        var result = Ledger(intervals: try intervals(ledger, trials: trials), slots: slots)
        result.sweeperSeconds = time
        result.trackerSeconds = trackerTime() - before
        return result
    }

    private func trackerTime() -> Double {
        (ProcessorTime.of(server.process.processIdentifier) ?? 0) + ProcessorTime.ofFamily(databaseProcess)
    }

    private func intervals(_ path: String, trials: Int) throws -> [(start: Double, end: Double)] {
        var starts: [Substring: Double] = [:]
        var intervals: [(start: Double, end: Double)] = []
        for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 3, let time = Double(words[2]) else { continue }
            if words[1] == "start" {
                starts[words[0]] = time / 1e9
            } else if let start = starts[words[0]] {
                intervals.append((start, time / 1e9))
            }
        }
        guard intervals.count == trials else {
            throw Program.Failure(description: "\(intervals.count) of \(trials) trials ran")
        }
        return intervals
    }
}
