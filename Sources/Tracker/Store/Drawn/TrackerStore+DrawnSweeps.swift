package import Experiment
import FoundationEssentials
import Postgres

extension TrackerStore {
    package func createDrawnSweep(_ sweep: NewDrawnSweep) async throws -> DrawnSweep {
        let id = RunID.random().rawValue
        try await pool.withTransaction { connection in
            try await connection.query(
                """
                insert into sweeps (id, name, project, definition, definition_hash, metric, goal, maximum_attempts,
                    varied_keys, is_drawn, method, description)
                values (\(id), \(sweep.name ?? id), \(sweep.project), \(sweep.definition),
                    \(SHA256.hex(sweep.definition)), \(sweep.metric), \(sweep.goal.rawValue), \(Int32(1)),
                    \(sweep.variedKeys), true, \(sweep.method), \(sweep.description))
                """)
            try await connection.query(
                """
                update runs set sweep = \(id) where project = \(sweep.project) and handle = any(\(sweep.priorRuns))
                """)
        }
        return try await drawnSweep(id, project: sweep.project)
    }

    /// The drawn sweep of that id in the project (in any, where it is nil).
    package func drawnSweep(_ id: String, project: String? = nil) async throws -> DrawnSweep {
        let rows = try await pool.query(
            """
            select \(DrawnSweep.columns) from sweeps s
            where s.id = \(id) and (s.is_drawn or s.program is not null) and (\(project)::text is null or s.project = \(project))
            """)
        guard let row = rows.first else { throw TrackerStore.unknownDrawnSweep(id) }
        return try DrawnSweep(row)
    }

    /// The drawn sweeps of a project, the newest first; `before` is the number of the last one seen.
    package func drawnSweeps(project: String, before: Int32? = nil, limit: Int) async throws -> [DrawnSweep] {
        let rows = try await pool.query(
            """
            select \(DrawnSweep.columns) from sweeps s
            where s.project = \(project) and (s.is_drawn or s.program is not null) and (\(before)::int is null or s.number < \(before))
            order by s.number desc limit \(max(0, limit))
            """)
        return try rows.map(DrawnSweep.init)
    }

    package func drawnSweepCount(project: String) async throws -> Int {
        let rows = try await pool.query(
            "select count(*) from sweeps where project = \(project) and (is_drawn or program is not null)")
        return try rows.first?.decode(as: Int.self) ?? 0
    }

    /// Sets the state that a person wants. A sweep that is canceled ends its runs: those under way are stopped.
    package func setState(_ state: SweepState, sweep: DrawnSweep) async throws {
        try await pool.withTransaction { connection in
            try await connection.query(
                """
                update sweeps set state = \(state.rawValue), is_exhausted = false, updated_at = now()
                where number = \(sweep.number)
                """)
            guard state == .canceled else { return }
            try await connection.query(
                "update runs set stop_requested = true where sweep = \(sweep.id) and state = 'running'")
            try await connection.query(
                """
                update runs set state = 'killed', finished_at = now(), message = 'the sweep was canceled'
                where sweep = \(sweep.id) and state = 'pending'
                """)
        }
    }

    package func setDescription(_ description: String?, name: String?, sweep: DrawnSweep) async throws {
        try await pool.query(
            """
            update sweeps set description = coalesce(\(description), description), name = coalesce(\(name), name),
                updated_at = now()
            where number = \(sweep.number)
            """)
    }

    /// Deletes a drawn sweep; its runs stay.
    package func deleteDrawnSweep(_ sweep: DrawnSweep) async throws {
        try await pool.withTransaction { connection in
            try await connection.query("update runs set sweep = null where sweep = \(sweep.id)")
            try await connection.query("delete from sweeps where number = \(sweep.number)")
        }
    }

    /// The runs of a drawn sweep, the oldest first, with the best values of its metric.
    package func drawnRuns(_ sweep: DrawnSweep) async throws -> [DrawnRun] {
        try await pool.withConnection {
            try await TrackerStore.drawnRuns(sweep: sweep.id, metric: sweep.metric, on: $0)
        }
    }

    static func drawnRuns(
        sweep: String, metric: String?, on connection: PostgresConnection
    ) async throws -> [DrawnRun] {
        let rows = try await connection.query(
            """
            select r.handle, r.state, r.config, r.summary, e.minimum, e.maximum, e.last
            from runs r
            left join metrics m on m.name = \(metric)
            left join series e on e.run = r.number and e.metric = m.id and e.stream = 0
            where r.sweep = \(sweep) order by r.number
            """)
        return try rows.map { row in
            let (handle, state, config, summary, minimum, maximum, last) = try row.decode(
                as: String.self, String.self, PostgresJSON.self, PostgresJSON.self, Double?.self, Double?.self,
                Double?.self)
            let written = try metric.flatMap { try summary.decode(as: $0) }
            func finite(_ values: Double?...) -> [Double] { values.compactMap(\.self).filter(\.isFinite) }
            return DrawnRun(
                handle: handle, state: RunState(rawValue: state) ?? .crashed, config: try config.object(),
                minimum: finite(minimum, written).min(), maximum: finite(maximum, written).max(),
                latest: finite(last).first ?? finite(written).first)
        }
    }

    package static func unknownDrawnSweep(_ id: String) -> StoreError {
        StoreError(
            .unknownSweep, "there is no sweep '\(id.prefix(60))' for agents; see `wandb sweep` or create it again")
    }
}

extension PostgresJSON {
    /// The number that a summary has for the metric, whose name may be a path of dots.
    fileprivate func decode(as metric: String) throws -> Double? {
        let summary = try object()
        if let value = summary[metric] { return value.number }
        let path = metric.split(separator: ".").map(String.init)
        return path.reduce(JSONValue.object(summary) as JSONValue?) { value, name in
            if case .object(let members)? = value { members[name] } else { nil }
        }?.number
    }
}
