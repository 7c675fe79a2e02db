import Experiment
import Foundation
import SweepLaunchers
import SweepScheduler

/// The tracker's rules about claims, in memory: fences, attempts, restarts that cost none.
actor MemoryLedger: Ledger {
    struct Stage {
        var key: String
        var input: String?
        var resources = StageResources()
        var state = StageState.pending
        var attempts = 0
        var maximumAttempts = 2
        var fence: Int64 = 0
        var claim: StageClaim?
        var cause: FailureCause?
        var message: String?
        var completions = 0
        /// What another sweep has made.
        var reuse: StageReuse?
        var artefact: String?
        var isReused = false
    }

    private(set) var records: [String: Stage]
    private(set) var claimed = 0

    init(_ stages: [Stage]) { records = Dictionary(uniqueKeysWithValues: stages.map { ($0.key, $0) }) }

    /// `count` trainings called `train0`, ...
    init(count: Int, resources: StageResources = StageResources()) {
        self.init((0..<count).map { Stage(key: "train\($0)", resources: resources) })
    }

    func claim(_ request: ClaimRequest) -> ClaimResponse {
        let ready = records.values.filter { stage in
            stage.state == .pending && (stage.input.map { records[$0]?.state == .done } ?? true)
        }.sorted { $0.key < $1.key }
        var claims: [StageClaim] = []
        for var stage in ready.prefix(request.limit ?? 1) {
            stage.state = .claimed
            stage.attempts += 1
            stage.fence += 1
            let claim = StageClaim(
                sweep: "s", sweepName: "a sweep; $(id)", project: "p", stageKey: stage.key,
                stage: stage.input == nil ? "train" : "generate", title: stage.key,
                run: RunID(rawValue: stage.key) ?? .random(), attempt: stage.attempts,
                maximumAttempts: stage.maximumAttempts, fence: stage.fence, config: [:], inputs: [:],
                claimant: request.claimant, process: nil, directory: nil,
                leaseEnds: Date(timeIntervalSinceNow: request.leaseSeconds), resources: stage.resources,
                reuse: stage.attempts == 1 ? stage.reuse : nil)
            stage.claim = claim
            records[stage.key] = stage
            claims.append(claim)
        }
        claimed += claims.count
        return ClaimResponse(claims: claims, state: summary().state)
    }

    func report(_ report: StageReport, of claim: StageClaim) throws -> StageReportResponse {
        guard var stage = records[claim.stageKey], stage.fence == report.fence, stage.state == .claimed else {
            throw LedgerError(.lost, code: "stale_fence", "the claim is somebody else's")
        }
        switch report.event {
        case .launching(let directory):
            stage.claim?.directory = directory
            stage.message = report.note
        case .submitted(let job): stage.claim?.job = job
        case .restarted(let job):
            stage.claim?.job = job
            stage.attempts += 1
            stage.maximumAttempts += 1
            stage.claim?.attempt = stage.attempts
            stage.claim?.maximumAttempts = stage.maximumAttempts
        case .heartbeat(let seconds): stage.claim?.leaseEnds = Date(timeIntervalSinceNow: seconds)
        case .succeeded, .reused:
            stage.isReused = report.event == .reused
            stage.artefact = report.artefact
            stage.state = .done
            stage.completions += 1
            stage.claim = nil
        case .stopped:
            stage.state = .stopped
            stage.claim = nil
        case .failed(let message, let retry, let cause):
            stage.state = retry ? .pending : .failed
            stage.cause = cause
            stage.message = message
            stage.claim = nil
        case .adopt(let claimant, _):
            stage.fence += 1
            stage.claim?.fence = stage.fence
            stage.claim?.claimant = claimant
        case .started: break
        }
        records[claim.stageKey] = stage
        return StageReportResponse(claim: stage.claim)
    }

    func stages() -> [StageStatus] {
        records.values.sorted { $0.key < $1.key }.map {
            StageStatus(
                key: $0.key, name: "train", title: $0.key, state: $0.state, attempts: $0.attempts,
                run: RunID(rawValue: $0.key) ?? .random(), config: [:], claim: $0.claim, message: $0.message)
        }
    }

    func summary() -> SweepSummary {
        var counts = StageCounts()
        for stage in records.values {
            switch stage.state {
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

    func retry(trials: [Int]) {}

    func upload(directory: String, run: RunID) {}
}
