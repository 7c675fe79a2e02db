import Experiment
import Postgres

/// What comes of a stage's end.
extension TrackerStore {
    private static let doneChanges: PostgresQuery = """
        state = 'done', done_order = nextval('stages_done'), \(releaseChanges)
        """

    /// Seconds for which a stage that failed may be kept from being tried again.
    static let longestPause = 86400.0

    /// The claim is over.
    private static let releaseChanges: PostgresQuery = "lease_ends = null, \(endChanges)"

    /// The claim is over, and the stage is nobody's until the pause ends: the lease of a stage that is pending.
    private static func pauseChanges(_ seconds: Double) -> PostgresQuery {
        "lease_ends = now() + make_interval(secs => \(seconds)), \(endChanges)"
    }

    private static let endChanges: PostgresQuery = """
        claimant = null, process = null, agent = null,
            seconds = seconds + greatest(0, extract(epoch from now() - coalesce(claimed_at, now()))), claimed_at = null
        """

    /// Stages that have succeeded, with the digests of what they made.
    func finish(
        _ done: [(stage: StageRow, artefact: String?)], _ sweep: SweepRow, on connection: PostgresConnection
    ) async throws {
        try await connection.query(
            """
            update stages s set artefact = n.artefact, \(TrackerStore.doneChanges)\(TrackerStore.kept(of: "s.run", sweep))
            from unnest(\(done.map(\.stage.key)), \(done.map(\.artefact))) n(key, artefact)
            where s.sweep = \(sweep.number) and s.key = n.key
            """)
        try await goOn(after: done.map(\.stage), sweep, on: connection)
    }

    /// The stages after these are ready now.
    private func goOn(after done: [StageRow], _ sweep: SweepRow, on connection: PostgresConnection) async throws {
        try await connection.query(
            """
            update stages set is_ready = true, is_blocked = false
            where sweep = \(sweep.number) and input = any(\(done.map(\.key)))
            """)
        // A program that never spoke to the tracker has a run all the same.
        let programs = done.filter { sweep.program(of: $0.name) != nil }
        guard !programs.isEmpty else { return }
        try await connection.query(
            """
            update runs set state = 'finished', finished_at = now()
            where id = any(\(programs.map(\.run))) and state = 'pending'
            """)
    }

    /// Another sweep's artefact stands for the stage, whose own run was never begun.
    func reuse(_ stage: StageRow, _ sweep: SweepRow, on connection: PostgresConnection) async throws {
        let known = try await reusable([stage.key], project: sweep.project, but: sweep.number, on: connection)
        guard let reuse = known[stage.key] else {
            throw StoreError(
                .unknownStage, "what stood for '\(stage.title)' is no longer in the record; run the stage itself")
        }
        try await connection.query(
            """
            update stages set reused_from = \(reuse.run.rawValue), directory = \(reuse.directory),
                artefact = \(reuse.artefact), attempts = 0,
                \(TrackerStore.doneChanges)\(TrackerStore.kept(of: "\(reuse.run.rawValue)", sweep))
            where sweep = \(sweep.number) and key = \(stage.key)
            """)
        try await connection.query(
            "delete from runs where id = \(stage.run) and state = 'pending' and attempt = 0")
        try await goOn(after: [stage], sweep, on: connection)
    }

    /// What was stopped early is over with all that comes after it; what ended because the sweep was canceled may run
    /// again when the sweep is resumed.
    func stop(
        _ stage: StageRow, _ sweep: SweepRow, _ reason: String, on connection: PostgresConnection
    ) async throws {
        let isEarly = stage.stopReason != nil || sweep.state != .canceled
        let (state, maximum): (StageState, Int) = isEarly ? (.stopped, 0) : (.pending, 1)
        try await connection.query(
            """
            update stages set state = \(state.rawValue), message = \(reason),
                maximum_attempts = maximum_attempts + \(Int32(maximum)),
                \(TrackerStore.releaseChanges)\(isEarly ? TrackerStore.kept(of: "\(stage.run)", sweep) : "")
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

    func fail(
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
                \(again ? "" : TrackerStore.kept(of: "\(stage.run)", sweep))
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
