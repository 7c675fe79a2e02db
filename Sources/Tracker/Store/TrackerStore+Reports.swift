package import Experiment
import FoundationEssentials
import Postgres

extension TrackerStore {
    /// Notes what the holder of a claim says; anybody whose fence is not the stage's is refused.
    ///
    /// A heartbeat also asks the sweep's rule whether the run should end early.
    package func report(
        sweep: String, stageKey: String, _ report: StageReport, search: TrialSearchMaker? = nil
    ) async throws -> StageReportResponse {
        try await self.report(
            in: SweepPlace(row: try await sweepRow(sweep)), stageKey: stageKey, report, search: search)
    }

    package func report(
        in place: SweepPlace, stageKey: String, _ report: StageReport, search: TrialSearchMaker? = nil
    ) async throws -> StageReportResponse {
        let sweep = place.row
        if case .heartbeat = report.event, sweep.stopsEarly, let search = try search?(sweep.source) {
            try await orderStopIfHopeless(stageKey, of: sweep, search)
        }
        return try await pool.withTransaction { connection in
            try await self.report(sweep, stageKey, report, on: connection)
        }
    }

    func report(
        _ sweep: SweepRow, _ key: String, _ report: StageReport, on connection: PostgresConnection
    ) async throws -> StageReportResponse {
        let rows = try await connection.query(
            """
            select \(StageRow.columns) from stages s
            where s.sweep = \(sweep.number) and s.key = \(key) for update
            """)
        guard let stage = try rows.first.map(StageRow.init) else {
            throw StoreError(.unknownStage, "sweep '\(sweep.name)' has no stage '\(key.prefix(80))'")
        }
        guard stage.fence == report.fence else {
            throw StoreError(
                .staleFence,
                "the claim \(report.fence) on '\(stage.title)' is over (now \(stage.fence)): somebody else has the "
                    + "stage; stop its process")
        }
        // A report that is sent again after its answer was lost finds its work done.
        guard stage.state == .claimed else { return StageReportResponse(claim: nil) }
        try await note(report, stage, sweep, on: connection)
        var claim = report.event.endsClaim ? nil : try await claim(on: key, of: sweep, connection)
        if case .adopt = report.event, let adopted = claim, adopted.directory == nil, stage.attempts == 1 {
            // Nothing was begun: whoever takes over may take over another sweep's result too.
            claim?.reuse = try await reusable([key], project: sweep.project, but: sweep.number, on: connection)[key]
        }
        return StageReportResponse(claim: claim, order: claim == nil ? nil : order(stage, sweep))
    }

    /// Told with every answer until the holder has done it.
    private func order(_ stage: StageRow, _ sweep: SweepRow) -> StageOrder? {
        if sweep.state == .canceled { return .stop(reason: "the sweep was canceled") }
        return stage.stopReason.map { .stop(reason: $0) }
    }

    private func note(
        _ report: StageReport, _ stage: StageRow, _ sweep: SweepRow, on connection: PostgresConnection
    ) async throws {
        func change(_ changes: PostgresQuery) async throws {
            try await connection.query(
                "update stages set \(changes) where sweep = \(sweep.number) and key = \(stage.key)")
        }
        switch report.event {
        case .launching(let directory):
            try IngestLimits.check(text: directory, "the directory")
            if let note = report.note { try IngestLimits.check(text: note, "the note") }
            try await change("directory = \(directory), message = \(report.note)")
        case .started(let process):
            try TrackerStore.check(process, 1)
            try await change("process = \(try PostgresJSON(process))")
        case .submitted(let job): try await change("job = \(try PostgresJSON(job))")
        case .restarted(let job):
            // The same order heard twice is one restart.
            guard stage.job?.restarts != job.restarts || stage.job?.id != job.id else { return }
            try await change(
                """
                job = \(try PostgresJSON(job)), attempts = attempts + 1, maximum_attempts = maximum_attempts + 1
                """)
        case .heartbeat(let seconds):
            try TrackerStore.check(nil, seconds)
            try await change("lease_ends = now() + make_interval(secs => \(seconds))")
        case .adopt(let claimant, let seconds):
            try TrackerStore.check(claimant, seconds)
            try await change(
                """
                fence = fence + 1, claimant = \(try PostgresJSON(claimant)),
                    lease_ends = now() + make_interval(secs => \(seconds))
                """)
        case .succeeded:
            if let artefact = report.artefact { try IngestLimits.check(name: artefact, "the artefact's digest") }
            try await change(
                "artefact = \(report.artefact), \(TrackerStore.doneChanges)\(kept(of: stage.run, sweep))")
            try await finish(stage, sweep, on: connection)
        case .reused: try await reuse(stage, sweep, on: connection)
        case .stopped(let reason): try await stop(stage, sweep, reason, on: connection)
        case .failed(let message, let retry, let cause):
            let pause = report.retryAfter ?? 0
            guard (0...TrackerStore.longestPause).contains(pause) else {
                throw StoreError(
                    .invalidRecord, "a stage waits up to \(Int(TrackerStore.longestPause)) seconds, not \(pause)")
            }
            try await fail(stage, sweep, message, retry: retry, cause, pause: pause, on: connection)
        }
    }

    static let doneChanges: PostgresQuery = """
        state = 'done', done_order = nextval('stages_done'), \(releaseChanges)
        """

    /// Seconds for which a stage that failed may be kept from being tried again.
    static let longestPause = 86400.0

    /// The claim is over.
    static let releaseChanges: PostgresQuery = "lease_ends = null, \(endChanges)"

    /// The claim is over, and the stage is nobody's until the pause ends: the lease of a stage that is pending.
    static func pauseChanges(_ seconds: Double) -> PostgresQuery {
        "lease_ends = now() + make_interval(secs => \(seconds)), \(endChanges)"
    }

    private static let endChanges: PostgresQuery = """
        claimant = null, process = null, agent = null,
            seconds = seconds + greatest(0, extract(epoch from now() - coalesce(claimed_at, now()))), claimed_at = null
        """

    /// What the run has logged of the sweep's metric stays with a stage that is over: a search goes by this, so that it
    /// can be replayed and need not look again.
    private func kept(of run: String, _ sweep: SweepRow) -> PostgresQuery {
        guard sweep.drawsTrials, let metric = sweep.metric else { return "" }
        func finite(_ value: PostgresQuery) -> PostgresQuery {
            "nullif(nullif(nullif(\(value), 'NaN'), 'Infinity'), '-Infinity')"
        }
        return """
            , (minimum, maximum, latest) = (
                select least(\(finite("e.minimum")), \(finite("e.summary"))),
                    greatest(\(finite("e.maximum")), \(finite("e.summary"))), \(finite("coalesce(e.summary, e.last)"))
                from runs r join series e on e.run = r.number and e.stream = 0
                where r.id = \(run) and e.metric = (select id from metrics where name = \(metric)))
            """
    }

    /// The stages after it are ready now.
    private func finish(_ stage: StageRow, _ sweep: SweepRow, on connection: PostgresConnection) async throws {
        try await connection.query(
            """
            update stages set is_ready = true, is_blocked = false
            where sweep = \(sweep.number) and input = \(stage.key)
            """)
        guard sweep.program != nil else { return }
        // A program that never spoke to the tracker has a run all the same.
        try await connection.query(
            """
            update runs set state = 'finished', finished_at = now() where id = \(stage.run) and state = 'pending'
            """)
    }

    /// Another sweep's artefact stands for the stage, whose own run was never begun.
    private func reuse(_ stage: StageRow, _ sweep: SweepRow, on connection: PostgresConnection) async throws {
        let known = try await reusable([stage.key], project: sweep.project, but: sweep.number, on: connection)
        guard let reuse = known[stage.key] else {
            throw StoreError(
                .unknownStage, "what stood for '\(stage.title)' is no longer in the record; run the stage itself")
        }
        try await connection.query(
            """
            update stages set reused_from = \(reuse.run.rawValue), directory = \(reuse.directory),
                artefact = \(reuse.artefact), attempts = 0,
                \(TrackerStore.doneChanges)\(kept(of: reuse.run.rawValue, sweep))
            where sweep = \(sweep.number) and key = \(stage.key)
            """)
        try await connection.query(
            "delete from runs where id = \(stage.run) and state = 'pending' and attempt = 0")
        try await finish(stage, sweep, on: connection)
    }

    /// What was stopped early is over with all that comes after it; what ended because the sweep was canceled may run
    /// again when the sweep is resumed.
    private func stop(
        _ stage: StageRow, _ sweep: SweepRow, _ reason: String, on connection: PostgresConnection
    ) async throws {
        let isEarly = stage.stopReason != nil || sweep.state != .canceled
        let (state, maximum): (StageState, Int) = isEarly ? (.stopped, 0) : (.pending, 1)
        try await connection.query(
            """
            update stages set state = \(state.rawValue), message = \(reason),
                maximum_attempts = maximum_attempts + \(Int32(maximum)),
                \(TrackerStore.releaseChanges)\(isEarly ? kept(of: stage.run, sweep) : "")
            where sweep = \(sweep.number) and key = \(stage.key)
            """)
        try await endRun(stage, .killed, reason, on: connection)
        guard isEarly else { return }
        try await connection.query(
            """
            with recursive after(key) as (
                select key from stages where sweep = \(sweep.number) and input = \(stage.key) and state = 'pending'
                union
                select s.key from stages s join after a on s.input = a.key
                where s.sweep = \(sweep.number) and s.state = 'pending')
            update stages s set state = 'stopped', message = 'the stage before it was stopped' from after a
            where s.sweep = \(sweep.number) and s.key = a.key
            """)
    }

    private func fail(
        _ stage: StageRow, _ sweep: SweepRow, _ message: String, retry: Bool, _ cause: FailureCause?, pause: Double,
        on connection: PostgresConnection
    ) async throws {
        // What a machine did to it costs no attempt, and neither does the cancelling of the whole sweep.
        let isFree = cause == .preempted || cause == .nodeFailure || sweep.state == .canceled
        let isAllowed = cause.map { sweep.retryOn?.contains($0.rawValue) ?? true } ?? true
        let again =
            isFree && (retry || sweep.state == .canceled)
            || retry && isAllowed && stage.attempts < stage.maximumAttempts
        let state = again ? StageState.pending : .failed
        try await connection.query(
            """
            update stages set state = \(state.rawValue), message = \(message), cause = \(cause?.rawValue),
                maximum_attempts = maximum_attempts + \(Int32(isFree ? 1 : 0)),
                \(again && pause > 0 ? TrackerStore.pauseChanges(pause) : TrackerStore.releaseChanges)
                \(again ? "" : kept(of: stage.run, sweep))
            where sweep = \(sweep.number) and key = \(stage.key)
            """)
        try await endRun(stage, sweep.state == .canceled ? .killed : .crashed, message, on: connection)
        guard !again else { return }
        try await connection.query(
            """
            with recursive after(key) as (
                select key from stages where sweep = \(sweep.number) and input = \(stage.key) and state = 'pending'
                union
                select s.key from stages s join after a on s.input = a.key
                where s.sweep = \(sweep.number) and s.state = 'pending')
            update stages s set is_blocked = true from after a where s.sweep = \(sweep.number) and s.key = a.key
            """)
    }

    private func endRun(
        _ stage: StageRow, _ state: RunState, _ message: String, on connection: PostgresConnection
    ) async throws {
        try await connection.query(
            """
            update runs set state = \(state.rawValue), message = \(message), finished_at = now()
            where id = \(stage.run) and state in ('pending', 'running')
            """)
    }
}

extension StageReport.Event {
    /// Whatever comes of it, the sender holds the stage no longer.
    fileprivate var endsClaim: Bool {
        switch self {
        case .succeeded, .reused, .stopped, .failed: true
        case .launching, .started, .submitted, .restarted, .heartbeat, .adopt: false
        }
    }
}
