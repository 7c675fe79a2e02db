import Experiment
package import Postgres

/// Runs, metrics and sweeps in PostgreSQL; the only place with SQL about them.
package struct TrackerStore: Sendable {
    let pool: PostgresPool
    /// Told of what is written through this store (and its copies).
    package let changes = RunChanges()
    /// Claims and reports of a sweep, by its number, that come at the same time share statements and commits.
    let claims = Gathering<Int32, AskedClaim, TakenStages>(
        capacity: ClaimRequest.maximumLimit, lanes: 2, weight: \.limit)
    let reports = Gathering<Int32, AskedReport, StageReportResponse>(capacity: 256)
    let places = SweepPlaces()

    package init(pool: PostgresPool) { self.pool = pool }
}
