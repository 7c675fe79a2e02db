import Experiment
import FoundationEssentials
import Postgres

/// A stage that an agent holds.
private struct HeldStage {
    let key: String
    let fence: Int64
    let run: String
    let runState: RunState
    let sent: Int
    let hasStopped: Bool
}

extension TrackerStore {
    /// How long an agent may be silent before its stages are given to somebody else.
    static let agentLease: Double = 300

    /// W&B's agents and our sweepers pull from the same stages: an agent is a claimant whose runs speak for it.
    package func heartbeat(
        agent: String, alive: Set<String>, stagesOf sweep: String, search: TrialSearchMaker?
    ) async throws -> [AgentCommand] {
        let row = try await sweepRow(sweep)
        if row.stopsEarly, !alive.isEmpty, let search = try search?(row.source) {
            for key in try await keys(of: alive, in: row) { try await orderStopIfHopeless(key, of: row, search) }
        }
        let commands = try await pool.withTransaction { connection -> [AgentCommand]? in
            let known = try await connection.query(
                "update agents set heartbeat_at = now() where id = \(agent) and sweep = \(row.number)")
            guard known.affected > 0 else {
                throw StoreError(.unknownAgent, "there is no such agent, or its sweep was deleted; start it again")
            }
            try await giveBackAbandoned(row, on: connection)
            return try await settle(agent, alive, row, on: connection)
        }
        if let commands { return commands }
        let request = ClaimRequest(
            claimant: ProcessIdentity(host: "agent \(agent)", pid: 0, startTicks: 0), leaseSeconds: Self.agentLease)
        var claims = try await pool.withConnection {
            try await claimReady(row, request, limit: 1, agent: agent, on: $0)
        }
        if claims.isEmpty, row.drawsTrials, let search = try search?(row.source) {
            claims = try await drawAndClaim(row, request, limit: 1, agent: agent, search)
        }
        if let claim = claims.first { return [.run(handle: claim.run.rawValue, config: claim.config)] }
        // Somebody else's stage may yet be given back.
        return try await self.sweep(idOrName: row.id).isOver ? [.exit] : []
    }

    /// What the agent has to be told of the stages that it holds; nil where it may have a new one.
    private func settle(
        _ agent: String, _ alive: Set<String>, _ sweep: SweepRow, on connection: PostgresConnection
    ) async throws -> [AgentCommand]? {
        let rows = try await connection.query(
            """
            select s.key, s.fence, s.run, coalesce(r.state, 'pending'), s.agent_sent, s.stop_reason is not null
            from stages s left join runs r on r.id = s.run
            where s.agent = \(agent) and s.sweep = \(sweep.number) and s.state = 'claimed' order by s.position
            """)
        var stops: [AgentCommand] = []
        var waiting: HeldStage?
        for row in rows {
            let (key, fence, run, state, sent, hasStopped) = try row.decode(
                as: String.self, Int64.self, String.self, String.self, Int.self, Bool.self)
            let stage = HeldStage(
                key: key, fence: fence, run: run, runState: RunState(rawValue: state) ?? .crashed, sent: sent,
                hasStopped: hasStopped)
            if alive.contains(run) {
                let answer = try await report(
                    sweep, key, StageReport(fence: fence, event: .heartbeat(leaseSeconds: Self.agentLease)),
                    on: connection)
                if answer.order != nil { stops.append(.stop(handle: run)) }
            } else if stage.runState == .pending, sent < Self.maximumSends, sweep.state != .canceled {
                waiting = waiting ?? stage
            } else {
                _ = try await report(sweep, key, StageReport(fence: fence, event: end(of: stage)), on: connection)
            }
        }
        if !stops.isEmpty { return stops }
        guard alive.isEmpty else { return [] }
        guard let waiting else { return nil }
        let config = try await connection.query(
            """
            update stages set agent_sent = agent_sent + 1,
                lease_ends = now() + make_interval(secs => \(Self.agentLease))
            where sweep = \(sweep.number) and key = \(waiting.key) returning config
            """
        ).first?.decode(as: PostgresJSON.self)
        return [.run(handle: waiting.run, config: try config?.decode() ?? [:])]
    }

    /// What became of a stage whose process the agent has no longer.
    private func end(of stage: HeldStage) -> StageReport.Event {
        switch stage.runState {
        case .finished: .succeeded
        case _ where stage.hasStopped: .stopped(reason: "stopped early")
        case .killed: .failed(message: "a person ended it", retry: false, cause: .cancelled)
        case .failed: .failed(message: "the program failed; see its run", retry: true, cause: .program)
        case .crashed: .failed(message: "the program vanished", retry: true, cause: .lost)
        case .running: .failed(message: "the program ended without a word to the tracker", retry: true, cause: .lost)
        case .pending:
            .failed(message: "the agent's program ended before it began the run", retry: true, cause: .launch)
        }
    }

    /// Stages of agents that have been silent for a whole lease.
    private func giveBackAbandoned(_ sweep: SweepRow, on connection: PostgresConnection) async throws {
        let rows = try await connection.query(
            """
            select key, fence from stages where sweep = \(sweep.number) and state = 'claimed' and agent is not null
                and lease_ends < now() order by key for update skip locked
            """)
        for row in rows {
            let (key, fence) = try row.decode(as: String.self, Int64.self)
            _ = try await report(
                sweep, key,
                StageReport(
                    fence: fence, event: .failed(message: "its agent is gone", retry: true, cause: .nodeFailure)),
                on: connection)
        }
    }

    private func keys(of runs: Set<String>, in sweep: SweepRow) async throws -> [String] {
        try await pool.query(
            """
            select key from stages where sweep = \(sweep.number) and run = any(\(runs.sorted())) and state = 'claimed'
            """
        ).map { try $0.decode(as: String.self) }
    }
}
