import Experiment
import Foundation

extension Scheduler {
    /// Takes a stage from its claim, or from where a dead sweeper left it, to its end. Nil when somebody else took it.
    func perform(_ work: Work) async throws -> Outcome? {
        defer { held.remove(work.claim.stageKey) }
        do {
            switch work.trainer {
            case nil: return try await start(work.claim)
            case .alive(let process):
                tell(.adopted(work.claim))
                return try await watch(work.claim, process)
            case .ended(let result):
                return try await conclude(work.claim, .gone, result)
            case .gone:
                // The sweeper died, not the configuration: it gets its attempt back however many it had.
                let message = "its sweeper and its trainer ended together; it is started again"
                return try await settle(work.claim, .failed(message: message, retry: true, blamesNode: false))
            }
        } catch let error as LedgerError where error.kind == .lost {
            tell(.lost(work.claim))
            return nil
        }
    }

    private func start(_ claim: StageClaim) async throws -> Outcome {
        let directory = options.home.runDirectory(claim.run)
        var claim = claim
        claim.directory = directory
        _ = try await report(claim, .launching(directory: directory))
        let process: ProcessIdentity
        do {
            process = try await launcher.start(RunSettings(claim, directory: directory), directory: directory)
        } catch let error as any UserFacingError {
            let retry = claim.attempt < claim.maximumAttempts
            return try await settle(
                claim, .failed(message: error.description, retry: retry, blamesNode: true))
        }
        claim.process = process
        do {
            _ = try await report(claim, .started(process: process))
        } catch let error as LedgerError where error.kind == .lost {
            await launcher.terminate(process)
            throw error
        }
        tell(.started(claim))
        return try await watch(claim, process)
    }

    /// Renews the lease until the trainer ends. The trainer is never waited for by way of the tracker: it goes on
    /// while that is away.
    private func watch(_ claim: StageClaim, _ process: ProcessIdentity) async throws -> Outcome {
        var lastBeat = clock.now
        while true {
            let status = await launcher.status(of: process)
            guard status == .running else {
                return try await conclude(claim, status, await launcher.result(directory: directory(of: claim)))
            }
            if clock.now.timeIntervalSince(lastBeat) >= options.heartbeat {
                lastBeat = clock.now
                do {
                    _ = try await ledger.report(claim, .heartbeat(leaseSeconds: options.lease))
                    noteBack()
                } catch let error as LedgerError where error.kind == .away {
                    noteAway(error)
                } catch let error as LedgerError where error.kind == .lost {
                    try await leave(claim, process)
                    throw error
                }
            }
            try await clock.sleep(seconds: options.poll)
        }
    }

    /// The trainer has ended: what its log still holds is sent first, so that a stage reported done has its points.
    private func conclude(_ claim: StageClaim, _ status: ProcessStatus, _ result: StageResult?) async throws -> Outcome
    {
        let directory = directory(of: claim)
        _ = try await report(claim, .heartbeat(leaseSeconds: options.uploadLease))
        do {
            try await patiently { try await self.ledger.upload(directory: directory, run: claim.run) }
        } catch let error as LedgerError {
            tell(.warning("the log of run \(claim.run) stays on disk: \(error)"))
        }
        return try await settle(claim, Outcome(claim: claim, status: status, result: result))
    }

    private func settle(_ claim: StageClaim, _ outcome: Outcome) async throws -> Outcome {
        switch outcome {
        case .succeeded:
            _ = try await report(claim, .succeeded)
            tell(.succeeded(claim))
        case .failed(let message, let retry, _):
            _ = try await report(claim, .failed(message: message, retry: retry))
            tell(.failed(claim, message: message, retry: retry))
        }
        return outcome
    }

    /// The claim is somebody else's. If they adopted our trainer it is theirs now; if they started another, ours must
    /// not work on beside it.
    private func leave(_ claim: StageClaim, _ process: ProcessIdentity) async throws {
        let stages = try await patiently { try await self.ledger.stages() }
        if stages.first(where: { $0.key == claim.stageKey })?.claim?.process != process {
            await launcher.terminate(process)
        }
    }

    private func report(_ claim: StageClaim, _ event: StageReport.Event) async throws -> StageClaim? {
        try await patiently { try await self.ledger.report(claim, event) }
    }

    private func directory(of claim: StageClaim) -> String {
        claim.directory ?? options.home.runDirectory(claim.run)
    }
}

extension RunSettings {
    /// What the trainer of a claimed stage is told.
    init(_ claim: StageClaim, directory: String) {
        self.init(config: claim.config)
        id = claim.run
        project = claim.project
        name = claim.title
        group = claim.sweepName
        sweep = claim.sweep
        stage = claim.stage
        attempt = claim.attempt
        self.directory = directory
        inputs = claim.inputs
    }
}
