package import Postgres

/// Runs, metrics and sweeps in PostgreSQL; the only place with SQL about them.
package struct TrackerStore: Sendable {
    let pool: PostgresPool
    /// Told of what is written through this store (and its copies).
    package let changes = RunChanges()

    package init(pool: PostgresPool) { self.pool = pool }
}
