package import FoundationEssentials

/// A process that cannot be mistaken for a later one with the same pid.
package struct ProcessIdentity: Codable, Sendable, Hashable {
    package var host: String
    package var pid: Int32
    /// Field 22 of `/proc/PID/stat`: clock ticks since boot.
    package var startTicks: UInt64

    package init(host: String, pid: Int32, startTicks: UInt64) {
        self.host = host
        self.pid = pid
        self.startTicks = startTicks
    }
}

/// `POST /api/v1/sweeps/{id}/claims`: gives me the next stage whose input is done; 204 when there is none now.
package struct ClaimRequest: Codable, Sendable, Hashable {
    package var claimant: ProcessIdentity
    package var leaseSeconds: Double

    package init(claimant: ProcessIdentity, leaseSeconds: Double) {
        self.claimant = claimant
        self.leaseSeconds = leaseSeconds
    }
}

/// The right to run a stage, until the lease ends or somebody takes it over.
package struct StageClaim: Codable, Sendable, Hashable {
    package var sweep: String
    package var sweepName: String
    package var project: String
    package var stageKey: String
    package var stage: String
    package var title: String
    package var run: RunID
    /// Counts from 1.
    package var attempt: Int
    package var maximumAttempts: Int
    /// Rises with every claim and takeover of the stage: a report with an older token is refused.
    package var fence: Int64
    package var config: [String: JSONValue]
    /// Run directories of the stages before it, by stage name.
    package var inputs: [String: String]
    package var claimant: ProcessIdentity
    /// The trainer, once it has been started.
    package var process: ProcessIdentity?
    package var directory: String?
    package var leaseEnds: Date

    package init(
        sweep: String, sweepName: String, project: String, stageKey: String, stage: String, title: String, run: RunID,
        attempt: Int, maximumAttempts: Int, fence: Int64, config: [String: JSONValue], inputs: [String: String],
        claimant: ProcessIdentity, process: ProcessIdentity?, directory: String?, leaseEnds: Date
    ) {
        self.sweep = sweep
        self.sweepName = sweepName
        self.project = project
        self.stageKey = stageKey
        self.stage = stage
        self.title = title
        self.run = run
        self.attempt = attempt
        self.maximumAttempts = maximumAttempts
        self.fence = fence
        self.config = config
        self.inputs = inputs
        self.claimant = claimant
        self.process = process
        self.directory = directory
        self.leaseEnds = leaseEnds
    }
}

/// `POST /api/v1/sweeps/{id}/stages/{key}/reports`; status 409 with code `stale_fence` when the claim is no longer yours.
package struct StageReport: Codable, Sendable, Hashable {
    package enum Event: Codable, Sendable, Hashable {
        /// The directory is known; sent before the process is started.
        case launching(directory: String)
        case started(process: ProcessIdentity)
        /// Renews the lease.
        case heartbeat(leaseSeconds: Double)
        case succeeded
        /// `retry` gives the stage back to be started again, else it has failed for good.
        case failed(message: String, retry: Bool)
        /// Another sweeper takes the claim over from one that died; the answer holds the new fence.
        case adopt(claimant: ProcessIdentity, leaseSeconds: Double)
    }

    package var fence: Int64
    package var event: Event

    package init(fence: Int64, event: Event) {
        self.fence = fence
        self.event = event
    }
}

/// The answer to a report: the claim as it is now, nil when the stage is no longer claimed.
package struct StageReportResponse: Codable, Sendable, Hashable {
    package var claim: StageClaim?

    package init(claim: StageClaim?) { self.claim = claim }
}
