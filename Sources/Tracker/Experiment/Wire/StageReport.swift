/// `POST /api/v1/sweeps/{id}/stages/{key}/reports`; status 409 with code `stale_fence` when the claim is no longer yours.
package struct StageReport: Codable, Sendable, Hashable {
    package enum Event: Codable, Sendable, Hashable {
        /// The directory is known; sent before the process is started.
        case launching(directory: String)
        case started(process: ProcessIdentity)
        /// The batch system has it.
        case submitted(job: BatchJob)
        /// The batch system has started it again, after a preemption or the loss of a machine: a new attempt of the run,
        /// which costs none of those that the stage may be started.
        case restarted(job: BatchJob)
        /// Renews the lease.
        case heartbeat(leaseSeconds: Double)
        case succeeded
        /// The artefact of the claim's `reuse` has been verified and stands for this stage.
        case reused
        /// Ended early by order: its trial is over and is not tried again, and the stages after it are not run.
        case stopped(reason: String)
        /// `retry` gives the stage back to be started again, else it has failed for good. The causes that are the
        /// machine's, preemption and the loss of a node, cost no attempt.
        case failed(message: String, retry: Bool, cause: FailureCause? = nil)
        /// Another sweeper takes the claim over from one that died; the answer holds the new fence.
        case adopt(claimant: ProcessIdentity, leaseSeconds: Double)
    }

    package var fence: Int64
    package var event: Event
    /// With `succeeded`: SHA-256 of what the stage made, by which another sweep may reuse it.
    package var artefact: String?
    /// With `launching`: what people should know of this start, as why another sweep's result was not taken over.
    package var note: String?
    /// With `failed` and `retry`: seconds for which the stage is given to nobody.
    package var retryAfter: Double?

    package init(
        fence: Int64, event: Event, artefact: String? = nil, note: String? = nil, retryAfter: Double? = nil
    ) {
        self.fence = fence
        self.event = event
        self.artefact = artefact
        self.note = note
        self.retryAfter = retryAfter
    }
}

/// The answer to a report: the claim as it is now, nil when the stage is no longer claimed.
package struct StageReportResponse: Codable, Sendable, Hashable {
    package var claim: StageClaim?
    /// What the holder shall do; told with every answer until it is done.
    package var order: StageOrder?

    package init(claim: StageClaim?, order: StageOrder? = nil) {
        self.claim = claim
        self.order = order
    }
}
