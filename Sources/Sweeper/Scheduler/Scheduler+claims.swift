import Experiment

extension Scheduler {
    func hold(_ claim: StageClaim) {
        held[claim.holdKey] = Held(claim: claim, lastBeat: clock.uptime)
    }

    /// Renews all leases in time, ends what runs too long and what the tracker wants ended. Returns by being cancelled.
    ///
    /// The trainers are never waited for by way of the tracker: they go on while that is away.
    func keepClaims() async throws {
        var lastTidying = clock.uptime
        while true {
            try await clock.sleep(seconds: options.tick)
            let isTidyDue = clock.uptime - lastTidying >= options.heartbeat
            if isTidyDue { lastTidying = clock.uptime }
            for (key, item) in held {
                if isTidyDue, item.process != nil, let directory = item.directory {
                    await launcher.tidy(directory: directory)
                }
                try await checkTimeLimit(key)
            }
            try await renewLeases()
        }
    }

    private func checkTimeLimit(_ key: String) async throws {
        guard let item = held[key], let process = item.process, item.interruption == nil,
            let limit = item.claim.resources.time, let age = await launcher.age(of: process), age >= Double(limit)
        else { return }
        await interrupt(key, .timeLimit(seconds: limit))
    }

    private func renewLeases() async throws {
        let due = held.filter { clock.uptime - $0.value.lastBeat >= options.heartbeat && !$0.value.isLost }
        for key in due.keys.sorted() {
            guard let claim = held[key]?.claim else { continue }
            do {
                note(try await ledger.report(claim, .heartbeat(leaseSeconds: options.lease)), of: claim)
                noteBack()
                await obey(key)
            } catch let error as LedgerError where error.kind == .away {
                // It is away for all of them.
                return noteAway(error)
            } catch let error as LedgerError where error.kind == .lost {
                await lose(key)
            }
        }
    }

    /// Takes in what the tracker says about a claim.
    func note(_ answer: StageReportResponse, of claim: StageClaim) {
        held[claim.holdKey]?.lastBeat = clock.uptime
        if case .stop(let reason)? = answer.order, held[claim.holdKey]?.interruption == nil {
            held[claim.holdKey]?.interruption = .order(reason: reason)
            held[claim.holdKey]?.isObeyed = false
        }
    }

    /// Ends the trainer when an order says so.
    func obey(_ key: String) async {
        guard let item = held[key], item.interruption != nil, !item.isObeyed else { return }
        held[key]?.isObeyed = true
        await end(item)
    }

    private func interrupt(_ key: String, _ interruption: Ending.Interruption) async {
        held[key]?.interruption = interruption
        held[key]?.isObeyed = true
        if let item = held[key] { await end(item) }
    }

    private func end(_ item: Held) async {
        if let process = item.process { await launcher.terminate(process) } else { item.cancelWait?() }
    }

    /// The claim is somebody else's: its slot shall not wait any longer.
    private func lose(_ key: String) async {
        held[key]?.isLost = true
        held[key]?.cancelWait?()
    }

    /// Runs what the claim's slot waits for; it may be called off for the claim's sake.
    func waiting<Answer: Sendable>(
        _ key: String, _ body: @escaping @Sendable () async throws -> Answer
    ) async throws -> Answer {
        let task = Task { try await body() }
        held[key]?.cancelWait = { task.cancel() }
        if let item = held[key], item.isLost || item.process == nil && item.interruption != nil { task.cancel() }
        defer { held[key]?.cancelWait = nil }
        do {
            return try await withTaskCancellationHandler {
                try await task.value
            } onCancel: {
                task.cancel()
            }
        } catch is CancellationError where held[key]?.isLost == true {
            throw LedgerError(.lost, code: "stale_fence", "the claim is somebody else's")
        }
    }
}

extension StageClaim {
    /// Tells a claim from a later one on the same stage, which another slot of this scheduler may get.
    var holdKey: String { "\(stageKey)#\(fence)" }
}
