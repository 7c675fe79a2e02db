import TrackerStore

/// Opens the database for `body` and hands it back, whether `body` succeeds or not.
func withDatabase<Result>(_ body: (TrackerStore) async throws -> Result) async throws -> Result {
    try await withOpenDatabase { try await body($0.store) }
}

/// The same, for whoever needs more than the store.
func withOpenDatabase<Result>(_ body: (Database) async throws -> Result) async throws -> Result {
    let database = try await Database.open()
    do {
        let result = try await body(database)
        try await database.close()
        return result
    } catch {
        // The first error is the one that tells what went wrong.
        try? await database.close()
        throw error
    }
}
