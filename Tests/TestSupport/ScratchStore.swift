package import TrackerStore

/// Runs `body` with a store in a fresh, migrated database of this test process's own PostgreSQL cluster.
package func withScratchStore<Result: Sendable>(
    _ body: @Sendable (TrackerStore) async throws -> Result
) async throws -> Result { fatalError() }
