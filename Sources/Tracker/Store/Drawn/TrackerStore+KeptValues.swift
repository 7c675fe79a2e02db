import Postgres

/// What a search goes by stays with a stage that is over, so that it can be replayed and need not look again.
extension TrackerStore {
    /// Changes of a stage's row, after others: what the run has logged of the sweep's metrics.
    ///
    /// `run`: SQL for its id.
    static func kept(of run: PostgresQuery, _ sweep: SweepRow) -> PostgresQuery {
        guard sweep.drawsTrials, let metric = sweep.metric else { return "" }
        let first: PostgresQuery = """
            , (minimum, maximum, latest) = (
                select \(leastValue), \(greatestValue), \(latestValue)
                from runs r join series e on e.run = r.number and e.stream = 0
                where r.id = \(run) and e.metric = (select id from metrics where name = \(metric)))
            """
        return sweep.otherMetrics.isEmpty ? first : "\(first), \(keptOthers(sweep.otherMetrics, of: run))"
    }

    /// One entry for each metric, in their order.
    private static func keptOthers(_ metrics: [String], of run: PostgresQuery) -> PostgresQuery {
        """
        (other_minima, other_maxima, other_latest) = (
            select array_agg(\(leastValue) order by m.place), array_agg(\(greatestValue) order by m.place),
                array_agg(\(latestValue) order by m.place)
            from unnest(\(metrics)) with ordinality m(name, place) left join metrics n on n.name = m.name
            left join runs r on r.id = \(run)
            left join series e on e.run = r.number and e.stream = 0 and e.metric = n.id)
        """
    }

    private static let leastValue: PostgresQuery = "least(\(finite("e.minimum")), \(finite("e.summary")))"
    private static let greatestValue: PostgresQuery = "greatest(\(finite("e.maximum")), \(finite("e.summary")))"
    private static let latestValue: PostgresQuery = finite("coalesce(e.summary, e.last)")

    private static func finite(_ value: PostgresQuery) -> PostgresQuery {
        "nullif(nullif(nullif(\(value), 'NaN'), 'Infinity'), '-Infinity')"
    }

    /// Writes down which metrics beside the first the sweep's search looks at, and keeps what is in the record of them with
    /// the stages that are over: at its first draw there are none, unless the sweep is older than this or was extended.
    ///
    /// The sweep is locked.
    func keep(others metrics: [String], of sweep: SweepRow, on connection: PostgresConnection) async throws {
        try await connection.query("update sweeps set other_metrics = \(metrics) where number = \(sweep.number)")
        guard !metrics.isEmpty else { return }
        try await connection.query(
            """
            update stages s set \(TrackerStore.keptOthers(metrics, of: "coalesce(s.reused_from, s.run)"))
            where s.sweep = \(sweep.number) and s.state in ('done', 'failed', 'stopped')
            """)
    }
}
