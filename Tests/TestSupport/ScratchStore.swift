package import Postgres
package import TrackerStore

/// Runs `body` with a store in a fresh, migrated database of this test process's own PostgreSQL server.
package func withScratchStore<Result: Sendable>(
    _ body: @Sendable (TrackerStore) async throws -> Result
) async throws -> Result {
    try await withScratchDatabase { address in
        let pool = PostgresPool(address: address)
        do {
            let result = try await body(TrackerStore(pool: pool))
            await pool.close()
            return result
        } catch {
            await pool.close()
            throw error
        }
    }
}

/// Runs `body` with the address of a fresh database; its `connectionString` may be put in `DATABASE_URL`.
package func withScratchDatabase<Result: Sendable>(
    migrated: Bool = true, _ body: @Sendable (PostgresAddress) async throws -> Result
) async throws -> Result {
    try await ScratchCluster.shared().withDatabase(migrated: migrated, body)
}
