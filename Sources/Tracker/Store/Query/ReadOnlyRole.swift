import Experiment
import FoundationEssentials
import Postgres

/// A role of the database that may read the record and nothing else, for as long as one question takes.
///
/// A person's SQL runs in a session of its own role from the beginning: what `set role` gives up, a single statement
/// can take back. PostgreSQL itself then refuses files, programs, other databases and the access tokens.
struct ReadOnlyRole {
    let name: String
    let password: String

    /// Tables and views that may be read; `tokens` is not among them.
    static let readable = [
        "runs", "history", "system_metrics", "logged_values", "points", "metrics", "series", "attempts", "files",
        "sweeps", "trials", "stages", "agents", "console_lines", "alerts", "artifact_collections",
        "artifact_versions", "artifacts", "artifact_aliases",
    ]

    /// Roles whose name begins so are ours, left over where a process was killed.
    private static let prefix = "saga_query_"
    /// Seconds for which a role may be used.
    private static let lifetime = 6.0 * 3600

    /// Runs `body` with the address of the database for a role that is gone afterwards.
    static func withRole<Result: Sendable>(
        at address: PostgresAddress, timeout: Double, _ body: (PostgresAddress) async throws -> Result
    ) async throws -> Result {
        let owner = try await PostgresConnection.connect(to: address)
        do {
            try await removeLeftOvers(on: owner)
            let role = ReadOnlyRole(
                name: prefix + RunID.random().rawValue, password: "\(UUID())\(UUID())")
            try await role.make(timeout: timeout, on: owner)
            let result: Result
            do {
                result = try await body(address.login(user: role.name, password: role.password))
            } catch {
                try? await drop(role.name, on: owner)
                throw error
            }
            try await drop(role.name, on: owner)
            await owner.close()
            return result
        } catch {
            await owner.close()
            throw error
        }
    }

    private func make(timeout: Double, on owner: PostgresConnection) async throws {
        let until = Date(timeIntervalSinceNow: Self.lifetime).formatted(.iso8601)
        do {
            // Names and passwords cannot be parameters of these statements; ours have no character that needs care.
            try await owner.execute(
                unsafeSQL: """
                    begin;
                    create role \(name) login password '\(password)' valid until '\(until)' nosuperuser nocreatedb
                        nocreaterole noinherit noreplication connection limit 1;
                    alter role \(name) set default_transaction_read_only = on;
                    alter role \(name) set statement_timeout = \(Int(timeout * 1000));
                    alter role \(name) set timezone = 'UTC';
                    """)
            let known = try await owner.query(
                """
                select relname::text from pg_class
                where relnamespace = current_schema()::regnamespace and relname = any(\(Self.readable))
                """
            ).map { try $0.decode(as: String.self) }
            try await owner.execute(
                unsafeSQL: "grant select on \(known.joined(separator: ", ")) to \(name); commit")
        } catch let error as PostgresError where error.sqlState == "42501" {
            throw StoreError(
                .invalidQuery,
                "the database's role may not create roles; have an administrator run: create role saga_read login "
                    + "password '...'; grant select on \(Self.readable.prefix(4).joined(separator: ", ")), ... to "
                    + "saga_read; and set SAGA_READ_URL to the address with that role")
        }
    }

    private static func removeLeftOvers(on owner: PostgresConnection) async throws {
        let old = try await owner.query(
            "select rolname::text from pg_roles where rolname like \(prefix + "%") and rolvaliduntil < now()")
        for row in old { try? await drop(try row.decode(as: String.self), on: owner) }
    }

    private static func drop(_ name: String, on owner: PostgresConnection) async throws {
        let granted = try await owner.query(
            """
            select distinct table_name::text from information_schema.role_table_grants
            where grantee = \(name) and table_schema = current_schema()
            """
        ).map { try $0.decode(as: String.self) }
        let quoted = name.replacing("\"", with: "\"\"")
        if !granted.isEmpty {
            try await owner.execute(
                unsafeSQL: "revoke all on \(granted.joined(separator: ", ")) from \"\(quoted)\"")
        }
        try await owner.execute(unsafeSQL: "drop role \"\(quoted)\"")
    }
}
