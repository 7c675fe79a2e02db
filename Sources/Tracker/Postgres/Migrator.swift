/// Brings a database to the shape that this program knows: forward only, one transaction each, one migrator at a time.
package struct Migrator: Sendable {
    private let migrations: [Migration]

    /// Refuses numbers that are missing or come twice.
    package init(_ migrations: [Migration]) throws(PostgresError) {
        let sorted = migrations.sorted { $0.number < $1.number }
        for (index, migration) in sorted.enumerated() where migration.number != index + 1 {
            throw PostgresError(
                .migration,
                "migrations must count 1, 2, 3, ...: number \(index + 1) is missing or comes twice near "
                    + "'\(migration.name)'")
        }
        self.migrations = sorted
    }

    /// Any number, the same in every version of the program.
    private static let lock: Int64 = 0x5a6a_5a6a

    /// Applies what is missing; answers what it applied.
    @discardableResult
    package func run(on connection: PostgresConnection) async throws -> [Migration] {
        try await connection.query("select pg_advisory_lock(\(Migrator.lock))")
        do {
            let applied = try await applyMissing(on: connection)
            try await connection.query("select pg_advisory_unlock(\(Migrator.lock))")
            return applied
        } catch {
            // Where this fails the connection is lost, and the server has released the lock.
            _ = try? await connection.query("select pg_advisory_unlock(\(Migrator.lock))")
            throw error
        }
    }

    private func applyMissing(on connection: PostgresConnection) async throws -> [Migration] {
        try await connection.execute(
            unsafeSQL: """
                create table if not exists schema_migrations (
                    number bigint primary key,
                    name text not null,
                    checksum text not null,
                    applied_at timestamptz not null default now())
                """)
        let rows = try await connection.query("select number, name, checksum from schema_migrations order by number")
        let applied = try rows.map { try $0.decode(as: Int.self, String.self, String.self) }
        try check(applied)
        let missing = Array(migrations.dropFirst(applied.count))
        for migration in missing { try await apply(migration, on: connection) }
        return missing
    }

    private func check(_ applied: [(number: Int, name: String, checksum: String)]) throws(PostgresError) {
        guard applied.count <= migrations.count else {
            throw PostgresError(
                .migration,
                "the database is newer than this program (it has \(applied.count) migrations, the program "
                    + "\(migrations.count)); use the newer program")
        }
        for (row, migration) in zip(applied, migrations)
        where (row.number, row.checksum) != (migration.number, migration.checksum) {
            throw PostgresError(
                .migration,
                "migration \(row.number) '\(row.name)' of the database differs from this program's "
                    + "'\(migration.name)'; use the program that made the database, or write a new migration")
        }
    }

    private func apply(_ migration: Migration, on connection: PostgresConnection) async throws {
        do {
            try await connection.withTransaction { connection in
                try await connection.execute(unsafeSQL: migration.sql)
                try await connection.query(
                    """
                    insert into schema_migrations (number, name, checksum)
                    values (\(migration.number), \(migration.name), \(migration.checksum))
                    """)
            }
        } catch let error as PostgresError where error.kind == .server {
            throw PostgresError(
                .migration, "migration \(migration.number) '\(migration.name)' failed and was undone; see the log",
                sqlState: error.sqlState, detail: error.detail)
        }
    }
}
