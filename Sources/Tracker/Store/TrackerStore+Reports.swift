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
        if case .heartbeat = report.event, let search {
            let sweep = try await pool.withConnection { try await sweepRow(at: place, on: $0) }
            if sweep.stopsEarly { try await orderStopIfHopeless(stageKey, of: sweep, try search(sweep.source)) }
        }
        return try await reports.ask(AskedReport(key: stageKey, report: report), about: place.number) { asked in
            await note(asked, of: place)
        }
    }

    /// Answers reports about stages of one sweep, in the order of asking.
    private func note(
        _ asked: [AskedReport], of place: SweepPlace
    ) async -> [Result<StageReportResponse, any Error>] {
        var answers: [Result<StageReportResponse, any Error>] = []
        for round in AskedReport.rounds(asked) {
            do {
                answers += try await noteTogether(round, of: place)
            } catch let error as PostgresError where round.count > 1 && TrackerStore.isRefusal(error) {
                // One that the database does not take, or a deadlock, undoes them all: each is tried by itself.
                for one in round {
                    do { answers += try await noteTogether([one], of: place) } catch { answers.append(.failure(error)) }
                }
            } catch {
                answers += round.map { _ in .failure(error) }
            }
        }
        return answers
    }

    /// Nothing of the transaction is in the database, and it may be that another would be taken.
    private static func isRefusal(_ error: PostgresError) -> Bool {
        error.kind == .server || error.kind == .invalidValue
    }

    private func noteTogether(
        _ asked: [AskedReport], of place: SweepPlace
    ) async throws -> [Result<StageReportResponse, any Error>] {
        try await pool.withTransaction(plansOnce: true) { connection in
            try await self.report(try await sweepRow(at: place, on: connection), asked, on: connection)
        }
    }

    func report(
        _ sweep: SweepRow, _ key: String, _ report: StageReport, on connection: PostgresConnection
    ) async throws -> StageReportResponse {
        try await self.report(sweep, [AskedReport(key: key, report: report)], on: connection)[0].get()
    }

    /// Each report is held against its own stage's fence, under the locks of all these stages; what is refused has changed
    /// nothing. An error that is thrown is the database's, and of all.
    private func report(
        _ sweep: SweepRow, _ asked: [AskedReport], on connection: PostgresConnection
    ) async throws -> [Result<StageReportResponse, any Error>] {
        let rows = try await connection.query(
            """
            select \(StageRow.columns) from stages s
            where s.sweep = \(sweep.number) and s.key = any(\(asked.map(\.key))) order by s.key for update
            """)
        let stages = Dictionary(try rows.map(StageRow.init).map { ($0.key, $0) }) { $1 }
        var answers: [Result<StageReportResponse, any Error>] = []
        var done: [(stage: StageRow, artefact: String?)] = []
        for one in asked {
            do {
                let stage = try TrackerStore.held(stages[one.key], by: one, sweep)
                if let stage, case .succeeded = one.report.event {
                    if let artefact = one.report.artefact {
                        try IngestLimits.check(name: artefact, "the artefact's digest")
                    }
                    done.append((stage, one.report.artefact))
                }
                answers.append(.success(try await answer(one.report, stage, sweep, on: connection)))
            } catch let error as StoreError {
                // Thrown before anything is changed.
                answers.append(.failure(error))
            }
        }
        if !done.isEmpty { try await finish(done, sweep, on: connection) }
        return answers
    }

    /// The stage, if the report speaks for who holds it; nil for a report that is sent again after its answer was lost and
    /// finds its work done.
    private static func held(
        _ stage: StageRow?, by asked: AskedReport, _ sweep: SweepRow
    ) throws(StoreError) -> StageRow? {
        guard let stage else {
            throw StoreError(.unknownStage, "sweep '\(sweep.name)' has no stage '\(asked.key.prefix(80))'")
        }
        guard stage.fence == asked.report.fence else {
            throw StoreError(
                .staleFence,
                "the claim \(asked.report.fence) on '\(stage.title)' is over (now \(stage.fence)): somebody else has the "
                    + "stage; stop its process")
        }
        return stage.state == .claimed ? stage : nil
    }

    /// What the holder is told; of what succeeded the consequences are still to be noted, for all at once.
    private func answer(
        _ report: StageReport, _ stage: StageRow?, _ sweep: SweepRow, on connection: PostgresConnection
    ) async throws -> StageReportResponse {
        guard let stage else { return StageReportResponse(claim: nil) }
        try await note(report, stage, sweep, on: connection)
        var claim = report.event.endsClaim ? nil : try await claim(on: stage.key, of: sweep, connection)
        if case .adopt = report.event, let adopted = claim, adopted.directory == nil, stage.attempts == 1 {
            // Nothing was begun: whoever takes over may take over another sweep's result too.
            claim?.reuse = try await reusable(
                [stage.key], project: sweep.project, but: sweep.number, on: connection)[stage.key]
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
        case .succeeded: break
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
