import Experiment
import Foundation
import SweepScheduler

/// The tracker's rules about claims, in memory: fences, leases, attempts. Counts what a test must know.
actor FakeLedger {
    struct Record {
        var key: String
        var input: String?
        var run: RunID
        var state = StageState.pending
        var attempts = 0
        var fence: Int64 = 0
        var claim: StageClaim?
        var message: String?
        /// How often the stage was reported done.
        var completions = 0
    }

    private(set) var records: [Record]
    private let clock: FakeClock
    private let maximumAttempts: Int
    private(set) var uploads: [String] = []

    /// `chains` trainings, each with one generation that needs it.
    init(chains: Int, clock: FakeClock, maximumAttempts: Int = 3) {
        self.clock = clock
        self.maximumAttempts = maximumAttempts
        records = (0..<chains).map { FakeLedger.record("train\($0)", input: nil) }
        records += (0..<chains).map { FakeLedger.record("generate\($0)", input: "train\($0)") }
    }

    private static func record(_ key: String, input: String?) -> Record {
        Record(key: key, input: input, run: RunID(rawValue: key) ?? .random())
    }

    func record(_ key: String) -> Record? { records.first { $0.key == key } }

    func claim(_ request: ClaimRequest) -> StageClaim? {
        let done = Set(records.filter { $0.state == .done }.map(\.key))
        guard
            let index = records.firstIndex(where: {
                $0.state == .pending && ($0.input.map(done.contains) ?? true)
            })
        else { return nil }
        let record = records[index]
        let claim = StageClaim(
            sweep: "s", sweepName: "demo", project: "p", stageKey: record.key,
            stage: record.input == nil ? "train" : "generate", title: record.key, run: record.run,
            attempt: record.attempts + 1, maximumAttempts: maximumAttempts, fence: record.fence + 1, config: [:],
            inputs: [:], claimant: request.claimant, process: nil, directory: nil,
            leaseEnds: clock.now.addingTimeInterval(request.leaseSeconds))
        records[index].attempts += 1
        records[index].fence += 1
        records[index].state = .claimed
        records[index].claim = claim
        return claim
    }

    func report(_ claim: StageClaim, _ event: StageReport.Event) throws -> StageClaim? {
        guard let index = records.firstIndex(where: { $0.key == claim.stageKey }),
            records[index].state == .claimed, records[index].fence == claim.fence
        else { throw LedgerError(.lost, code: "stale_fence", "the claim is somebody else's") }
        apply(event, &records[index])
        return records[index].claim
    }

    private func apply(_ event: StageReport.Event, _ record: inout Record) {
        switch event {
        case .launching(let directory): record.claim?.directory = directory
        case .started(let process): record.claim?.process = process
        case .heartbeat(let seconds): record.claim?.leaseEnds = clock.now.addingTimeInterval(seconds)
        case .submitted(let job): record.claim?.job = job
        case .restarted(let job):
            record.claim?.job = job
            record.attempts += 1
            record.claim?.attempt = record.attempts
            record.claim?.maximumAttempts += 1
        case .stopped(let reason):
            record.state = .stopped
            record.message = reason
            record.claim = nil
        case .succeeded, .reused:
            record.state = .done
            record.completions += 1
            record.claim = nil
        case .failed(let message, let retry, _):
            record.state = retry ? .pending : .failed
            record.message = message
            record.claim = nil
        case .adopt(let claimant, let seconds):
            record.fence += 1
            record.claim?.fence = record.fence
            record.claim?.claimant = claimant
            record.claim?.leaseEnds = clock.now.addingTimeInterval(seconds)
        }
    }

    func stages() -> [StageStatus] {
        records.map {
            StageStatus(
                key: $0.key, name: "stage", title: $0.key, state: $0.state, attempts: $0.attempts, run: $0.run,
                config: [:], claim: $0.claim, message: $0.message)
        }
    }

    func summary() -> SweepSummary {
        let failed = Set(records.filter { $0.state == .failed }.map(\.key))
        var counts = StageCounts()
        for record in records {
            switch record.state {
            case .pending where record.input.map(failed.contains) ?? false: counts.blocked += 1
            case .pending: counts.pending += 1
            case .claimed: counts.claimed += 1
            case .done: counts.done += 1
            case .failed: counts.failed += 1
            case .stopped: counts.stopped += 1
            }
        }
        return SweepSummary(
            id: "s", name: "demo", project: "p", created: .now, trials: 0, trialsDone: 0, stages: counts, metric: nil,
            goal: .minimize)
    }

    func upload(directory: String) {
        uploads.append(directory)
    }
}
