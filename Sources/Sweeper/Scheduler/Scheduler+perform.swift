import Experiment

extension Scheduler {
    /// Takes a stage from its claim, or from where a dead sweeper left it, to its end. Nil when somebody else took it.
    func perform(_ work: Work) async throws -> Outcome? {
        defer { held[work.claim.holdKey] = nil }
        do {
            switch work.trainer {
            case nil: return try await start(work.claim)
            case .alive(let process):
                let placement = await launcher.reserve(adopted: process, directory: directory(of: work.claim))
                tell(.adopted(work.claim))
                return try await watch(work.claim, process, placement)
            case .ended(let result):
                return try await conclude(work.claim, .gone, result, Placement())
            case .gone:
                // The sweeper died, not the configuration: it gets its attempt back however many it had.
                let message = "its sweeper and its trainer ended together; it is started again"
                let outcome = Outcome.failed(message: message, cause: .nodeFailure, retry: true, blamesNode: false)
                return try await settle(work.claim, outcome)
            }
        } catch let error as LedgerError where error.kind == .lost {
            tell(.lost(work.claim))
            return nil
        }
    }

    private func start(_ claim: StageClaim) async throws -> Outcome {
        let key = claim.holdKey
        let directory = options.home.runDirectory(claim.run)
        var claim = claim
        claim.directory = directory
        var note: String?
        if let reuse = claim.reuse, options.takesOver {
            note = try await takeOver(claim, reuse)
            if held[key]?.interruption != nil { return try await settleUnstarted(claim) }
            guard let note else { return .reused }
            tell(.warning("\(claim.stage) \(claim.title) runs: \(note)"))
        }
        let isolation = max(isolation[claim.stageKey] ?? 0, await launcher.isolation(directory: directory))
        let placement: Placement
        do {
            let waiting = claim
            placement = try await self.waiting(key) {
                try await self.launcher.reserve(waiting, isolation: isolation)
            }
        } catch let error as LedgerError {
            throw error
        } catch let error as any UserFacingError {
            // There never will be room here.
            return try await settle(
                claim, .failed(message: error.description, cause: .launch, retry: false, blamesNode: false))
        } catch is CancellationError where held[key]?.interruption != nil {
            return try await settleUnstarted(claim)
        }
        let process: ProcessIdentity
        do {
            _ = try await report(claim, .launching(directory: directory), note: note)
            if held[key]?.interruption != nil {
                await launcher.release(placement)
                return try await settleUnstarted(claim)
            }
            if isEndingTrainers { throw CancellationError() }
            process = try await launcher.start(claim, directory: directory, at: placement)
        } catch let error as any UserFacingError where !(error is LedgerError) {
            await launcher.release(placement)
            let retry = claim.attempt < claim.maximumAttempts && options.retries(.launch)
            return try await settle(
                claim, .failed(message: error.description, cause: .launch, retry: retry, blamesNode: true))
        } catch {
            await launcher.release(placement)
            throw error
        }
        claim.process = process
        held[key]?.process = process
        held[key]?.directory = directory
        do {
            _ = try await report(claim, .started(process: process))
        } catch let error as LedgerError where error.kind == .lost {
            // We stood still for so long that another may have found the trainer, by its folder, and adopted it.
            try await leave(claim, process)
            await launcher.release(placement)
            throw error
        }
        tell(.started(claim))
        await obey(key)
        return try await watch(claim, process, placement)
    }

    /// The tracker changed its mind before anything was started.
    private func settleUnstarted(_ claim: StageClaim) async throws -> Outcome {
        guard case .order(let reason)? = held[claim.holdKey]?.interruption else { throw CancellationError() }
        return try await settle(claim, .stopped(reason: reason))
    }

    private func watch(
        _ claim: StageClaim, _ process: ProcessIdentity, _ placement: Placement
    ) async throws -> Outcome {
        held[claim.holdKey]?.process = process
        held[claim.holdKey]?.directory = directory(of: claim)
        let status: ProcessStatus
        do {
            status = try await waiting(claim.holdKey) { try await self.launcher.waitForEnd(of: process) }
        } catch let error as LedgerError where error.kind == .lost {
            try await leave(claim, process)
            await launcher.release(placement)
            throw error
        }
        if isEndingTrainers { throw CancellationError() }
        await launcher.release(placement)
        let result = await launcher.result(directory: directory(of: claim))
        return try await conclude(claim, status, result, placement)
    }

    /// The trainer has ended: what its log still holds is sent first, so that a stage reported done has its points.
    /// Its lease is renewed meanwhile.
    private func conclude(
        _ claim: StageClaim, _ status: ProcessStatus, _ result: StageResult?, _ placement: Placement
    ) async throws -> Outcome {
        let directory = directory(of: claim)
        held[claim.holdKey]?.process = nil
        do {
            try await patiently { try await self.ledger.upload(directory: directory, run: claim.run) }
        } catch let error as LedgerError {
            tell(.warning("the log of run \(claim.run) stays on disk: \(error)"))
        }
        let shortage = await launcher.shortage(directory: directory, status: status)
        let ending = Ending(
            status: status, result: result, shortage: shortage,
            interruption: held[claim.holdKey]?.interruption)
        var outcome = Outcome(claim: claim, ending: ending, retries: options.retries)
        if case .failed(let message, .outOfMemory, let retry, _) = outcome, let shortage {
            let isAlone = placement.isAlone(in: shortage)
            isolation[claim.stageKey, default: 0] += 1
            // Alone it would run out of memory again.
            let words = isAlone ? "\(message); it had no neighbours" : message
            outcome = .failed(
                message: words, cause: .outOfMemory, retry: retry && !isAlone, blamesNode: false)
        }
        return try await settle(claim, outcome)
    }

    private func settle(_ claim: StageClaim, _ outcome: Outcome) async throws -> Outcome {
        switch outcome {
        case .reused: break
        case .succeeded:
            var artefact: String?
            do {
                artefact = try await launcher.artefact(of: claim, directory: directory(of: claim))
            } catch let error as any UserFacingError {
                tell(.warning("\(claim.stage) \(claim.title): \(error.description)"))
            }
            _ = try await report(claim, .succeeded, artefact: artefact)
            tell(.succeeded(claim))
        case .stopped(let reason):
            _ = try await report(claim, .stopped(reason: reason))
            tell(.stopped(claim, reason: reason))
        case .failed(let message, let cause, let retry, _):
            _ = try await report(
                claim, .failed(message: message, retry: retry, cause: cause),
                retryAfter: retry ? options.pause(claim.attempt, cause) : nil)
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

    func report(
        _ claim: StageClaim, _ event: StageReport.Event, artefact: String? = nil, note text: String? = nil,
        retryAfter: Double? = nil
    ) async throws -> StageClaim? {
        let answer = try await patiently {
            try await self.ledger.report(claim, event, artefact: artefact, note: text, retryAfter: retryAfter)
        }
        note(answer, of: claim)
        return answer.claim
    }

    private func directory(of claim: StageClaim) -> String {
        claim.directory ?? options.home.runDirectory(claim.run)
    }
}
