import Postgres
import TestSupport
import Testing

@Suite("Migrator", .timeLimit(.minutes(1)))
struct MigratorTests {
    private func migrations(_ texts: String...) throws -> [Migration] {
        try texts.enumerated().map { try Migration(file: "000\($0 + 1)_step", sql: $1) }
    }

    private func run(_ migrations: [Migration], _ address: PostgresAddress) async throws -> [Int] {
        let connection = try await PostgresConnection.connect(to: address)
        return try await Migrator(migrations).run(on: connection).map(\.number)
    }

    @Test("Migrations are applied once, in order")
    func applied() async throws {
        try await withScratchDatabase(migrated: false) { address in
            let first = try migrations("create table t (a int)")
            let both = try migrations("create table t (a int)", "alter table t add b int; insert into t values (1, 2)")
            #expect(try await run(first, address) == [1])
            #expect(try await run(both, address) == [2])
            #expect(try await run(both, address) == [])
        }
    }

    @Test("A migration that fails leaves nothing of itself")
    func undone() async throws {
        try await withScratchDatabase(migrated: false) { address in
            let broken = try migrations("create table t (a int); select 1/0")
            await #expect(throws: PostgresError.self) { try await run(broken, address) }
            #expect(try await run(try migrations("create table t (a int)"), address) == [1])
        }
    }

    @Test("A changed migration is refused")
    func changed() async throws {
        try await withScratchDatabase(migrated: false) { address in
            _ = try await run(try migrations("create table t (a int)"), address)
            let error = try await #require(throws: PostgresError.self) {
                try await run(try migrations("create table t (a bigint)"), address)
            }
            #expect(error.description.contains("differs"))
        }
    }

    @Test("A database that is newer than the program is refused")
    func newer() async throws {
        try await withScratchDatabase(migrated: false) { address in
            _ = try await run(try migrations("select 1", "select 2"), address)
            let error = try await #require(throws: PostgresError.self) {
                try await run(try migrations("select 1"), address)
            }
            #expect(error.description.contains("newer"))
        }
    }

    @Test("Two migrators at once apply each migration once")
    func together() async throws {
        try await withScratchDatabase(migrated: false) { address in
            let steps = try migrations("create table t (a int); select pg_sleep(0.1)", "alter table t add b int")
            async let left = run(steps, address)
            async let right = run(steps, address)
            #expect(try await (left + right).sorted() == [1, 2])
        }
    }

    @Test("Numbers with gaps, twice the same or none are refused")
    func numbers() throws {
        let one = try Migration(file: "0001_a", sql: "")
        let three = try Migration(file: "0003_c", sql: "")
        #expect(throws: PostgresError.self) { try Migrator([one, three]) }
        #expect(throws: PostgresError.self) { try Migrator([one, one]) }
        #expect(throws: PostgresError.self) { try Migration(file: "1_a", sql: "") }
        #expect(throws: PostgresError.self) { try Migration(file: "first", sql: "") }
    }
}
