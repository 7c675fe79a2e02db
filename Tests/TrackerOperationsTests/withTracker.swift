import Experiment
import Foundation
import Postgres
import TestSupport
import TrackerStore

/// Runs `body` with a tracker's empty database and home.
func withTracker(_ body: @Sendable (Database, SagaHome) async throws -> Void) async throws {
    let folder = try scratchFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await withScratchDatabase { address in
        let home = SagaHome(path: folder)
        let database = try await Database.open(environment: ["DATABASE_URL": address.connectionString], home: home)
        try await body(database, home)
        try await database.close()
    }
}
