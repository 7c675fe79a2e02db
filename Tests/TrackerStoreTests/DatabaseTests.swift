import Experiment
import FoundationEssentials
import Postgres
import TestSupport
import Testing
import TrackerStore

@Suite("Database", .timeLimit(.minutes(1)))
struct DatabaseTests {
    @Test("The database that DATABASE_URL names is migrated and used, again and again")
    func named() async throws {
        try await withScratchDatabase(migrated: false) { address in
            let environment = ["DATABASE_URL": address.connectionString]
            for _ in 0..<2 {
                let database = try await Database.open(environment: environment, home: SagaHome(path: "/nowhere"))
                #expect(try await database.store.sweeps().isEmpty)
                try await database.close()
            }
        }
    }

    @Test("Without DATABASE_URL a private cluster is made, and holds its data for the next time")
    func privately() async throws {
        let root = try scratchFolder()
        defer { try? FileManager.default.removeItem(atPath: root) }
        let first = try await Database.open(environment: [:], home: SagaHome(path: root))
        _ = try await first.store.createSweep(plan: examplePlan())
        try await first.close()
        let second = try await Database.open(environment: [:], home: SagaHome(path: root))
        #expect(try await second.store.sweeps().count == 1)
        try await second.close()
    }

    @Test("A database that is not there is one sentence")
    func absent() async throws {
        let error = try await #require(throws: PostgresError.self) {
            try await Database.open(environment: ["DATABASE_URL": "postgresql://127.0.0.1:1/x"])
        }
        #expect(
            error.description
                == "the database at 127.0.0.1 refuses the connection: Connection refused; check DATABASE_URL")
    }
}
