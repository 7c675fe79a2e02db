import Experiment
package import FoundationEssentials
import Postgres

/// What an agent has left behind, in its transaction.
private struct Assignment {
    let run: Int32
    let handle: String
    let state: RunState
    let isStopRequested: Bool
    let sent: Int
    let isStarted: Bool
    let isStopped: Bool
}

extension TrackerStore {
    /// An agent that has not been heard of for so long has lost the runs that it never started.
    package static let agentTimeout: TimeInterval = 300
    /// One that has not been heard of for so long may be about to lose its runs.
    static let agentDoubt: TimeInterval = 60
    /// How often an agent is told to run what it does not start.
    static let maximumSends = 3

    package func createAgent(sweep: DrawnSweep, host: String?) async throws -> String {
        let id = RunID.random().rawValue
        try await pool.query("insert into agents (id, sweep, host) values (\(id), \(sweep.number), \(host))")
        return id
    }

    /// The sweep that an agent serves.
    package func drawnSweep(agent: String) async throws -> DrawnSweep {
        let rows = try await pool.query(
            """
            select \(DrawnSweep.columns) from agents a join sweeps s on s.number = a.sweep where a.id = \(agent)
            """)
        guard let row = rows.first else {
            throw StoreError(.unknownAgent, "there is no such agent, or its sweep was deleted; start it again")
        }
        return try DrawnSweep(row)
    }

    /// An agent says which runs it has under way and is told what to do next: to stop some of these, or, when it has
    /// none, at most one new run.
    ///
    /// Agents of one sweep are answered one after the other, so that each configuration is drawn once.
    package func heartbeat(
        agent: String, alive: Set<String>, search: any SweepSearching, now: Date = Date()
    ) async throws -> [AgentCommand] {
        try await pool.withTransaction { connection in
            let sweeps = try await connection.query(
                """
                select s.number, s.id, s.name, s.project, s.state, s.is_exhausted, s.metric, s.drawn
                from agents a join sweeps s on s.number = a.sweep where a.id = \(agent) for update of s
                """)
            guard let row = sweeps.first else {
                throw StoreError(.unknownAgent, "there is no such agent, or its sweep was deleted; start it again")
            }
            try await connection.query("update agents set heartbeat_at = \(now) where id = \(agent)")
            let sweep = try AgentSweep(row)
            let mine = try await settle(agent, alive, on: connection)
            let stops = mine.filter { alive.contains($0.handle) && ($0.isStopRequested || sweep.state == .canceled) }
            if !stops.isEmpty {
                try await connection.query(
                    "update assignments set is_stopped = true where run = any(\(stops.map(\.run)))")
                return stops.map { .stop(handle: $0.handle) }
            }
            guard alive.isEmpty else { return [] }
            switch sweep.state {
            case .canceled: return [.exit]
            case .paused: return []
            case .finished where !sweep.isExhausted: return [.exit]
            case .running, .finished: return try await hand(sweep, agent, mine, search, now, on: connection)
            }
        }
    }

    /// Asks running runs to stop: their agents and their own clients are told.
    package func requestStop(handles: [String], sweep: DrawnSweep) async throws {
        try await pool.query(
            """
            update runs set stop_requested = true
            where sweep = \(sweep.id) and handle = any(\(handles)) and state = 'running'
            """)
    }

    // MARK: Steps of a heartbeat

    /// Notes what has begun and what has ended; the agent's runs that are not over.
    private func settle(
        _ agent: String, _ alive: Set<String>, on connection: PostgresConnection
    ) async throws -> [Assignment] {
        let rows = try await connection.query(
            """
            select r.number, r.handle, r.state, r.stop_requested, a.sent, a.is_started, a.is_stopped
            from assignments a join runs r on r.number = a.run where a.agent = \(agent) and not a.is_over
            """)
        var open: [Assignment] = []
        for row in rows {
            let (run, handle, state, isStopRequested, sent, isStarted, isStopped) = try row.decode(
                as: Int32.self, String.self, String.self, Bool.self, Int.self, Bool.self, Bool.self)
            let assignment = Assignment(
                run: run, handle: handle, state: RunState(rawValue: state) ?? .crashed,
                isStopRequested: isStopRequested, sent: sent, isStarted: isStarted, isStopped: isStopped)
            if alive.contains(handle) {
                if !isStarted {
                    try await connection.query("update assignments set is_started = true where run = \(run)")
                }
                open.append(assignment)
            } else if !isStarted, assignment.state == .pending, sent < TrackerStore.maximumSends {
                open.append(assignment)
            } else {
                try await close(assignment, on: connection)
            }
        }
        return open
    }

    /// The agent's process of the run has ended. A run that was stopped may have had no time to say so; one that has
    /// begun without being stopped still has the word.
    private func close(_ assignment: Assignment, on connection: PostgresConnection) async throws {
        try await connection.query("update assignments set is_over = true where run = \(assignment.run)")
        let end: (state: RunState, message: String)? =
            switch assignment.state {
            case .pending where assignment.isStopped: (.killed, "stopped before it began")
            case .running where assignment.isStopped: (.killed, "stopped")
            case .pending: (.failed, "the agent's program ended before it began the run")
            default: nil
            }
        guard let end else { return }
        try await connection.query(
            """
            update runs set state = \(end.state.rawValue), message = \(end.message), finished_at = now()
            where number = \(assignment.run)
            """)
    }

    /// Gives the agent a run: its own again that it has not begun, one that a vanished agent has not begun, or a new one.
    private func hand(
        _ sweep: AgentSweep, _ agent: String, _ mine: [Assignment], _ search: any SweepSearching, _ now: Date,
        on connection: PostgresConnection
    ) async throws -> [AgentCommand] {
        if let waiting = mine.first(where: { $0.state == .pending }) {
            try await connection.query("update assignments set sent = sent + 1 where run = \(waiting.run)")
            return [try await command(waiting.run, on: connection)]
        }
        let orphans = try await connection.query(
            """
            update assignments set agent = \(agent), sent = 1 where run = (
                select r.number from assignments o join runs r on r.number = o.run join agents a on a.id = o.agent
                where r.sweep = \(sweep.id) and r.state = 'pending' and not o.is_over
                    and a.heartbeat_at < \(now.addingTimeInterval(-TrackerStore.agentTimeout))
                order by r.number limit 1)
            returning run
            """)
        if let row = orphans.first { return [try await command(try row.decode(as: Int32.self), on: connection)] }
        var runs = try await TrackerStore.drawnRuns(sweep: sweep.id, metric: sweep.metric, on: connection)
        for metric in search.otherMetrics {
            // The same runs in the same order: the sweep is locked, so that none can come between.
            let values = try await TrackerStore.drawnRuns(sweep: sweep.id, metric: metric, on: connection)
            for (index, run) in values.enumerated() where index < runs.count && runs[index].handle == run.handle {
                runs[index].others.append(
                    DrawnRun.Metric(minimum: run.minimum, maximum: run.maximum, latest: run.latest))
            }
        }
        guard let config = search.next(after: runs, number: sweep.drawn) else {
            return try await finish(sweep, fillsGaps: search.fillsGaps, now, on: connection)
        }
        return [try await insert(config, sweep, agent, on: connection)]
    }

    private func insert(
        _ config: [String: JSONValue], _ sweep: AgentSweep, _ agent: String, on connection: PostgresConnection
    ) async throws -> AgentCommand {
        let id = RunID.random().rawValue
        let rows = try await connection.query(
            """
            with added as (
                insert into runs (id, handle, project, name, sweep, config)
                values (\(id), \(id), \(sweep.project), \("\(sweep.name)-\(sweep.drawn + 1)"), \(sweep.id),
                    \(try PostgresJSON(config)))
                returning number)
            insert into assignments (run, agent) select number, \(agent) from added returning run
            """)
        guard !rows.isEmpty else { throw StoreError(.unknownAgent, "the run was not stored; ask again") }
        try await connection.query(
            """
            update sweeps set drawn = drawn + 1, state = 'RUNNING', is_exhausted = false, updated_at = now()
            where number = \(sweep.number)
            """)
        return .run(handle: id, config: config)
    }

    /// Nothing is left to draw. As long as a run of the sweep may yet be lost by an agent that has gone quiet, this
    /// one waits to take it over.
    private func finish(
        _ sweep: AgentSweep, fillsGaps: Bool, _ now: Date, on connection: PostgresConnection
    ) async throws -> [AgentCommand] {
        let rows = try await connection.query(
            """
            select count(*), count(*) filter (where a.heartbeat_at < \(now.addingTimeInterval(-TrackerStore.agentDoubt)))
            from runs r left join assignments o on o.run = r.number left join agents a on a.id = o.agent
            where r.sweep = \(sweep.id) and r.state in ('pending', 'running')
            """)
        let (open, doubtful) = try rows.first?.decode(as: Int.self, Int.self) ?? (0, 0)
        if open == 0 {
            try await connection.query(
                """
                update sweeps set state = 'FINISHED', is_exhausted = true, updated_at = now()
                where number = \(sweep.number)
                """)
        }
        return fillsGaps && doubtful > 0 ? [] : [.exit]
    }

    private func command(_ run: Int32, on connection: PostgresConnection) async throws -> AgentCommand {
        let rows = try await connection.query("select handle, config from runs where number = \(run)")
        guard let (handle, config) = try rows.first?.decode(as: String.self, PostgresJSON.self) else { return .exit }
        return .run(handle: handle, config: try config.object())
    }
}

/// The sweep as a heartbeat has locked it.
private struct AgentSweep {
    let number: Int32
    let id: String
    let name: String
    let project: String
    let state: SweepState
    let isExhausted: Bool
    let metric: String?
    let drawn: Int

    init(_ row: PostgresRow) throws {
        let state: String
        (number, id, name, project, state, isExhausted, metric, drawn) = try row.decode(
            as: Int32.self, String.self, String.self, String.self, String.self, Bool.self, String?.self, Int.self)
        self.state = SweepState(rawValue: state) ?? .finished
    }
}
