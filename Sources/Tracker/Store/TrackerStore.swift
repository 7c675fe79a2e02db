package import Postgres

/// Runs, metrics and sweeps in PostgreSQL; the only place with SQL about them.
package struct TrackerStore: Sendable {
    let pool: PostgresPool

    package init(pool: PostgresPool) { self.pool = pool }
}
