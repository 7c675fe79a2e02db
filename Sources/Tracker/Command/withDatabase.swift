import TrackerStore

/// Opens the database for `body` and hands it back, whether `body` succeeds or not.
func withDatabase<Result>(_ body: (TrackerStore) async throws -> Result) async throws -> Result {
    try await withOpenDatabase { try await body($0.store) }
}

/// The same with the database itself; `migrates` false takes it as it is.
func withOpenDatabase<Result>(
    migrates: Bool = true, _ body: (Database) async throws -> Result
) async throws -> Result {
    let database = try await Database.open(migrates: migrates)
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
