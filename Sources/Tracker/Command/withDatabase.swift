import TrackerStore

/// Opens the database for `body` and hands it back, whether `body` succeeds or not.
func withDatabase<Result>(_ body: (TrackerStore) async throws -> Result) async throws -> Result {
    let database = try await Database.open()
    do {
        let result = try await body(database.store)
        try await database.close()
        return result
    } catch {
        // The first error is the one that tells what went wrong.
        try? await database.close()
        throw error
    }
}
