import Experiment

extension Scheduler {
    /// Takes over at most `limit` of the claims that nobody is behind any more.
    func recover(limit: Int) async throws {
        lastRecovery = clock.uptime
        let stages = try await patiently { try await self.ledger.stages() }
        let claims = stages.compactMap(\.claim)
        var room = limit
        for claim in claims {
            // All are looked at, so that it is known how long each lease has been as it is.
            let overdue = sightings.overdue(claim, uptime: clock.uptime, lease: options.lease)
            guard room > 0, let work = try await takeOver(claim, overdue: overdue) else { continue }
            hold(work.claim)
            adopted.append(work)
            room -= 1
        }
    }

    /// Nil when the claim is alive, or somebody else was faster.
    private func takeOver(_ claim: StageClaim, overdue seconds: Double) async throws -> Work? {
        var process = claim.process
        var result: StageResult?
        var living = await alive([claim.claimant])
        let isAbandoned = Recovery.isAbandoned(
            claim, me: options.me, isHeld: held[claim.holdKey] != nil, overdue: seconds, isAlive: living.contains)
        guard isAbandoned else { return nil }
        if let directory = claim.directory {
            if process == nil { process = await launcher.find(directory: directory) }
            result = await launcher.result(directory: directory)
        }
        if let process { living.formUnion(await alive([process])) }
        let trainer = Recovery.trainer(of: claim, process: process, result: result, isAlive: living.contains)
        do {
            let event = StageReport.Event.adopt(claimant: options.me, leaseSeconds: options.lease)
            guard var claim = try await patiently({ try await self.ledger.report(claim, event) }).claim else {
                return nil
            }
            if case .alive(let process) = trainer, claim.process == nil {
                claim.process = process
                let started = claim
                claim =
                    try await patiently { try await self.ledger.report(started, .started(process: process)) }.claim
                    ?? claim
            }
            // Nothing was started yet: the stage goes on from here and loses no attempt.
            return Work(claim: claim, trainer: claim.directory == nil ? nil : trainer)
        } catch let error as LedgerError where error.kind == .lost {
            return nil
        }
    }

    private func alive(_ processes: [ProcessIdentity]) async -> Set<ProcessIdentity> {
        var living: Set<ProcessIdentity> = []
        for process in processes where process.host == options.me.host {
            if await launcher.status(of: process) == .running { living.insert(process) }
        }
        return living
    }
}
