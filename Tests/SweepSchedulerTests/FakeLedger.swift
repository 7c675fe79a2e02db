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
        var causes: [FailureCause?] = []
        /// Attempts beyond the maximum.
        var bonus = 0
        /// How often the stage was reported done.
        var completions = 0
        var artefact: String?
        var isReused = false
        /// Given to nobody until then, by the tracker's clock.
        var notBefore: Date?
    }

    private(set) var records: [Record]
    /// The tracker's own.
    nonisolated let wall: WallClock
    private var orders: [String: StageOrder] = [:]
    private let resources: StageResources
    private let maximumAttempts: Int
    private(set) var uploads: [String] = []
    /// What other sweeps have made, by stage key.
    private var offers: [String: StageReuse] = [:]

    /// `chains` trainings, each with one generation that needs it.
    init(chains: Int, clock: FakeClock, maximumAttempts: Int = 3, resources: StageResources = StageResources()) {
        wall = WallClock(clock)
        self.resources = resources
        self.maximumAttempts = maximumAttempts
        records = (0..<chains).map { FakeLedger.record("train\($0)", input: nil) }
        records += (0..<chains).map { FakeLedger.record("generate\($0)", input: "train\($0)") }
    }

    private static func record(_ key: String, input: String?) -> Record {
        Record(key: key, input: input, run: RunID(rawValue: key) ?? .random())
    }

    func record(_ key: String) -> Record? { records.first { $0.key == key } }

    /// Another sweep has made the same as this stage.
    func offer(_ key: String, digest: String = "whole") {
        offers[key] = StageReuse(
            key: key, sweepName: "earlier", run: RunID(rawValue: "old-\(key)") ?? .random(), directory: "/old/\(key)",
            artefact: digest)
    }

    /// The answers about this stage tell its holder to end it.
    func stop(_ key: String, reason: String) { orders[key] = .stop(reason: reason) }

    func claim(_ request: ClaimRequest) -> ClaimResponse {
        ClaimResponse(claims: [next(request)].compactMap(\.self), state: summary().state)
    }

    private func next(_ request: ClaimRequest) -> StageClaim? {
        let done = Set(records.filter { $0.state == .done }.map(\.key))
        guard
            let index = records.firstIndex(where: {
                $0.state == .pending && ($0.input.map(done.contains) ?? true)
                    && $0.notBefore ?? .distantPast <= wall.now
            })
        else { return nil }
        let record = records[index]
        let claim = StageClaim(
            sweep: "s", sweepName: "demo", project: "p", stageKey: record.key,
            stage: record.input == nil ? "train" : "generate", title: record.key, run: record.run,
            attempt: record.attempts + 1, maximumAttempts: maximumAttempts + record.bonus, fence: record.fence + 1,
            config: [:],
            inputs: [:], claimant: request.claimant, process: nil, directory: nil,
            leaseEnds: wall.now.addingTimeInterval(request.leaseSeconds),
            trial: index % (records.count / 2) + 1, resources: resources,
            reuse: record.attempts == 0 ? offers[record.key] : nil)
        records[index].attempts += 1
        records[index].fence += 1
        records[index].state = .claimed
        records[index].claim = claim
        return claim
    }

    func report(_ claim: StageClaim, _ event: StageReport.Event) throws -> StageReportResponse {
        try report(StageReport(fence: claim.fence, event: event), of: claim)
    }

    func report(_ report: StageReport, of claim: StageClaim) throws -> StageReportResponse {
        guard let index = records.firstIndex(where: { $0.key == claim.stageKey }),
            records[index].fence == report.fence
        else { throw LedgerError(.lost, code: "stale_fence", "the claim is somebody else's") }
        // A report that is sent again after its answer was lost finds its work done.
        guard records[index].state == .claimed else { return StageReportResponse(claim: nil) }
        apply(report, &records[index])
        var claim = records[index].claim
        if case .adopt = report.event, claim?.directory == nil { claim?.reuse = offers[records[index].key] }
        return StageReportResponse(claim: claim, order: claim.flatMap { orders[$0.stageKey] })
    }

    private func apply(_ report: StageReport, _ record: inout Record) {
        switch report.event {
        case .launching(let directory):
            record.claim?.directory = directory
            record.message = report.note
        case .started(let process): record.claim?.process = process
        case .heartbeat(let seconds): record.claim?.leaseEnds = wall.now.addingTimeInterval(seconds)
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
            record.artefact = report.artefact
            record.isReused = report.event == .reused
            record.state = .done
            record.completions += 1
            record.claim = nil
        case .failed(let message, let retry, let cause):
            // As the tracker has it: the machine's own failures cost no attempt.
            let isFree = cause == .preempted || cause == .nodeFailure
            if isFree { record.bonus += 1 }
            record.state = retry && record.attempts < maximumAttempts + record.bonus ? .pending : .failed
            record.message = message
            record.causes.append(cause)
            record.notBefore = report.retryAfter.map { wall.now.addingTimeInterval($0) }
            record.claim = nil
        case .adopt(let claimant, let seconds):
            record.fence += 1
            record.claim?.fence = record.fence
            record.claim?.claimant = claimant
            record.claim?.leaseEnds = wall.now.addingTimeInterval(seconds)
        }
    }

    func stages() -> [StageStatus] {
        records.map { record in
            var claim = record.claim
            claim?.leaseLeft = record.claim?.leaseEnds.timeIntervalSince(wall.now)
            return StageStatus(
                key: record.key, name: "stage", title: record.key, state: record.state, attempts: record.attempts,
                run: record.run, config: [:], claim: claim, message: record.message)
        }
    }

    func summary() -> SweepSummary {
        let failed = Set(records.filter { $0.state == .failed }.map(\.key))
        let stopped = Set(records.filter { $0.state == .stopped }.map(\.key))
        var counts = StageCounts()
        for record in records {
            switch record.state {
            case .pending where record.input.map(failed.contains) ?? false: counts.blocked += 1
            case .pending where record.input.map(stopped.contains) ?? false: counts.stopped += 1
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

    func retry(trials: [Int]) {
        for index in records.indices where records[index].state == .failed {
            guard trials.contains(index % (records.count / 2) + 1) else { continue }
            records[index].state = .pending
            records[index].bonus = records[index].attempts
        }
    }

    func upload(directory: String) {
        uploads.append(directory)
    }
}
