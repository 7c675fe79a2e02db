import Postgres
import TestSupport
import Testing

@Suite("Pool", .timeLimit(.minutes(1)))
struct PoolTests {
    @Test("More tasks than connections all get their turn")
    func turns() async throws {
        let pool = PostgresPool(address: try await ScratchCluster.shared().maintenanceAddress, size: 2)
        let backends = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try await pool.query("select pg_backend_pid() from pg_sleep(0.01)").first?.decode(as: Int.self) ?? 0
                }
            }
            return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        #expect(backends.count == 2)
        await pool.close()
    }

    @Test("A connection that the server has closed is replaced")
    func reconnects() async throws {
        let pool = PostgresPool(address: try await ScratchCluster.shared().maintenanceAddress, size: 1)
        let first = try await backend(pool)
        try await withScratchConnection { _ = try await $0.query("select pg_terminate_backend(\(first))") }
        // The server closes the connection a moment after it has answered.
        try await Task.sleep(for: .milliseconds(100))
        #expect(try await backend(pool) != first)
        await pool.close()
    }

    @Test("A connection that is left within a transaction is replaced")
    func discards() async throws {
        let pool = PostgresPool(address: try await ScratchCluster.shared().maintenanceAddress, size: 1)
        let first = try await pool.withConnection { connection in
            try await connection.execute(unsafeSQL: "begin")
            return try await connection.query("select pg_backend_pid()").first?.decode(as: Int32.self)
        }
        #expect(try await backend(pool) != first)
        await pool.close()
    }

    @Test("An error rolls a transaction back, and a swallowed one does not pass for a commit")
    func transactions() async throws {
        try await withScratchDatabase(migrated: false) { address in
            let pool = PostgresPool(address: address, size: 1)
            try await pool.query("create table t (a int)")
            await #expect(throws: CancellationError.self) {
                try await pool.withTransaction { connection in
                    try await connection.query("insert into t values (1)")
                    throw CancellationError()
                }
            }
            await #expect(throws: PostgresError.self) {
                try await pool.withTransaction { connection in
                    try await connection.query("insert into t values (2)")
                    _ = try? await connection.query("select 1/0")
                }
            }
            #expect(try await pool.query("select * from t").isEmpty)
            await pool.close()
        }
    }

    @Test("Waiting ends when the task is cancelled or the pool is closed")
    func waiting() async throws {
        let pool = PostgresPool(address: try await ScratchCluster.shared().maintenanceAddress, size: 1)
        try await pool.withConnection { _ in
            let cancelled = Task { try await pool.query("select 1") }
            try await Task.sleep(for: .milliseconds(20))
            cancelled.cancel()
            await #expect(throws: CancellationError.self) { try await cancelled.value }
            let closed = Task { try await pool.query("select 1") }
            try await Task.sleep(for: .milliseconds(20))
            await pool.close()
            await #expect(throws: PostgresError.self) { try await closed.value }
        }
    }

    @Test(
        "A database that cannot be reached gives one sentence with what to do, and no password",
        arguments: [
            "postgresql://me:hunter2@127.0.0.1:1/x", "postgresql+psycopg2://me:hunter2@127.0.0.1:1/x",
            "host=/nowhere user=me password=hunter2",
        ])
    func unreachable(url: String) async throws {
        let error = try await #require(throws: PostgresError.self) {
            try await PostgresConnection.connect(to: PostgresAddress(url))
        }
        #expect(error.kind == .unreachable)
        #expect(error.description.hasSuffix("; check DATABASE_URL"))
        #expect(!error.description.contains("\n"))
        #expect(!error.debugDescription.contains("hunter2"))
    }

    private func backend(_ pool: PostgresPool) async throws -> Int32? {
        try await pool.query("select pg_backend_pid()").first?.decode(as: Int32.self)
    }
}
