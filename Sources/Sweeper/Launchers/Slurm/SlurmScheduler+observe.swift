import Experiment
import Foundation
import SweepScheduler

extension SlurmScheduler {
    /// Looks at all jobs once and reports what has changed.
    func observe() async throws {
        let watched = held.values.filter { !$0.isToBeSubmitted }
        guard !watched.isEmpty else { return try await endUnsubmitted() }
        let jobs: [String: SlurmJob]
        do {
            jobs = try await known(watched.compactMap(\.claim.job?.id))
            noteSlurmBack()
        } catch {
            // For minutes or hours: nothing is concluded from silence.
            return noteSlurmAway(error)
        }
        for key in watched.map(\.claim.stageKey) {
            do {
                try await look(key, jobs)
            } catch let error as LedgerError where error.kind == .lost {
                lose(key)
            }
        }
        try await endUnsubmitted()
    }

    /// Jobs by number and by name; those that the controller has forgotten from the accounts, where there are any.
    private func known(_ ids: [String]) async throws(SlurmError) -> [String: SlurmJob] {
        var jobs: [String: SlurmJob] = [:]
        func add(_ found: [SlurmJob]) {
            for job in found {
                jobs[job.id] = job
                jobs[job.namedID] = job
            }
        }
        add(try await slurm.queue())
        let missing = Set(ids.filter { jobs[$0] == nil }.compactMap { $0.split(separator: "_").first.map(String.init) })
        if !missing.isEmpty {
            let numbers = missing.filter { $0.allSatisfy(\.isNumber) }.sorted()
            let names = missing.subtracting(numbers).sorted()
            let present = jobs
            // Of a job that was requeued there are several records, the last one last.
            if let found = await slurm.accounts(ids: numbers, names: names) {
                add(found)
                jobs.merge(present) { $1 }
            }
        }
        return jobs
    }

    private func look(_ key: String, _ jobs: [String: SlurmJob]) async throws {
        guard let item = held[key], let named = item.claim.job else { return }
        let directory = directory(of: item.claim)
        var job = jobs[named.id]
        // The job that started first has the attempt, whichever submission it came from.
        if job == nil || job?.state == .completed, let owner = owner(of: item.claim), owner != job?.id {
            job = jobs[owner]
            try await track(key, id: owner)
        } else if let job, job.id != named.id {
            try await track(key, id: job.id)
        }
        guard let item = held[key] else { return }
        if let reason = item.order, !item.isCancelled { await cancel(key, reason) }
        let evidence = SlurmEvidence(
            job: job, result: StageResult.read(fromDirectory: directory), absences: item.looks,
            order: held[key]?.isCancelled == true ? item.order : nil)
        let verdict = SlurmVerdict(claim: item.claim, evidence: evidence)
        if verdict != .undecided { held[key]?.looks = 0 }
        try await act(key, verdict, isNumbered: SlurmScheduler.isNumber(held[key]?.claim.job?.id ?? ""))
    }

    private func act(_ key: String, _ verdict: SlurmVerdict, isNumbered: Bool) async throws {
        switch verdict {
        case .undecided:
            held[key]?.looks += 1
        case .waiting(let restarts, let note):
            try await catchUp(key, restarts)
            if let note, held[key]?.note != note { tell(.warning(note)) }
            held[key]?.note = note
        case .running(let restarts):
            try await catchUp(key, restarts)
            if let item = held[key], !item.isStarted {
                held[key]?.isStarted = true
                tell(.started(item.claim))
            }
        case .succeeded(let restarts):
            try await catchUp(key, restarts)
            guard let claim = try await uploaded(key) else { return }
            _ = try await send(.succeeded, of: claim, artefact: await artefact(of: claim))
            held[key] = nil
            tell(.succeeded(claim))
        case .stopped(let reason):
            guard let claim = try await uploaded(key) else { return }
            _ = try await send(.stopped(reason: reason), of: claim)
            held[key] = nil
            tell(.warning("\(claim.stage) \(claim.title) was stopped: \(reason)"))
        case .failed(let message, let cause, let restarts):
            // Never seen by number and gone by name: the submission was lost on its way.
            if !isNumbered { return try await submitAgain(key) }
            try await catchUp(key, restarts)
            guard let claim = try await uploaded(key) else { return }
            let retry = isWorthRetrying(cause, claim)
            _ = try await send(
                .failed(message: message, retry: retry, cause: cause), of: claim,
                retryAfter: retry ? options.pause(claim.attempt, cause) : nil)
            held[key] = nil
            tell(.failed(claim, message: message, retry: retry))
        }
    }

    /// Digest of what the stage made; nil for programs, of which nothing is known.
    private func artefact(of claim: StageClaim) async -> String? {
        guard claim.program == nil else { return nil }
        do {
            return try await Artefact.record(directory: directory(of: claim))
        } catch {
            tell(.warning("\(claim.stage) \(claim.title): \(error)"))
            return nil
        }
    }

    private func isWorthRetrying(_ cause: FailureCause, _ claim: StageClaim) -> Bool {
        switch cause {
        // These cost no attempt.
        case .preempted, .nodeFailure: options.retries(cause)
        default: claim.attempt < claim.maximumAttempts && options.retries(cause)
        }
    }

    static func isNumber(_ id: String) -> Bool {
        id.first?.isNumber == true && id.allSatisfy { $0.isNumber || $0 == "_" }
    }

    private func submitAgain(_ key: String) async throws {
        guard let item = held[key], clock.uptime - item.since >= options.settling else { return }
        tell(.warning("\(item.claim.stage) \(item.claim.title) did not reach Slurm; it is submitted again"))
        held[key]?.isToBeSubmitted = true
    }

    /// Tells the tracker of each restart: they are attempts of the run, which cost none of the stage's.
    private func catchUp(_ key: String, _ restarts: Int) async throws {
        while let claim = held[key]?.claim, var job = claim.job, job.restarts < restarts {
            job.restarts += 1
            guard try await send(.restarted(job: job), of: claim) != nil else { return }
            held[key]?.isStarted = false
        }
    }

    func track(_ key: String, id: String) async throws {
        guard let claim = held[key]?.claim else { return }
        let job = BatchJob(system: "slurm", id: id, restarts: claim.job?.restarts ?? 0)
        _ = try await send(.submitted(job: job), of: claim)
        held[key]?.looks = 0
    }

    private func cancel(_ key: String, _ reason: String) async {
        guard let id = held[key]?.claim.job?.id, SlurmScheduler.isNumber(id) else { return }
        do {
            try await slurm.cancel(id)
            held[key]?.isCancelled = true
        } catch {
            noteSlurmAway(error)
        }
    }

    /// What the tracker wants ended before Slurm has heard of it.
    private func endUnsubmitted() async throws {
        for (key, item) in held where item.isToBeSubmitted {
            guard let reason = item.order else { continue }
            _ = try await send(.stopped(reason: reason), of: item.claim)
            held[key] = nil
        }
    }

    /// The claim, once the tracker has all that its run has logged.
    private func uploaded(_ key: String) async throws -> StageClaim? {
        guard let item = held[key] else { return nil }
        let claim = try await send(.heartbeat(leaseSeconds: options.uploadLease), of: item.claim) ?? item.claim
        let directory = directory(of: claim)
        do {
            try await patiently { try await self.ledger.upload(directory: directory, run: claim.run) }
        } catch let error as LedgerError where error.kind != .lost {
            tell(.warning("the log of run \(claim.run) stays on disk: \(error)"))
        }
        return claim
    }

    func directory(of claim: StageClaim) -> String { claim.directory ?? options.home.runDirectory(claim.run) }

    /// The job that has started the claim's attempt, by what it left in the run's directory.
    func owner(of claim: StageClaim) -> String? {
        let base = claim.attempt - (claim.job?.restarts ?? 0)
        let link = directory(of: claim) + "/" + SlurmScript.ownerLink(attempt: base)
        return try? FileManager.default.destinationOfSymbolicLink(atPath: link)
    }
}
