import Experiment
package import Postgres

/// One question in SQL that a person typed, answered piece by piece.
package struct ReadOnlyQuery: Sendable {
    /// A `select`, `values`, `table` or `with` that changes nothing.
    package let sql: String
    /// Seconds that the whole answer may take.
    package let timeout: Double

    private static let piece = 2_000

    package init(sql: String, timeout: Double) {
        self.sql = sql
        self.timeout = timeout
    }

    /// Asks with a role made for the question in the database of `address`.
    package func run(
        at address: PostgresAddress, _ body: @Sendable (PostgresTextRows) async throws -> Void
    ) async throws {
        try await ReadOnlyRole.withRole(at: address, timeout: timeout) { try await run(as: $0, body) }
    }

    /// Asks with a role that may only read. `body` gets the rows as they come, and none at least once, for the columns.
    package func run(
        as reader: PostgresAddress, _ body: @Sendable (PostgresTextRows) async throws -> Void
    ) async throws {
        guard sql.utf8.count <= FilterLimits.bytes, !sql.utf8.contains(0) else {
            throw StoreError(.invalidQuery, "the question is too long, or holds a NUL character; shorten it")
        }
        let connection = try await PostgresConnection.connect(to: reader)
        do {
            try await answer(on: connection, body)
            await connection.close()
        } catch let error as PostgresError where error.kind == .server {
            await connection.close()
            throw refusal(error)
        } catch {
            await connection.close()
            throw error
        }
    }

    private func answer(
        on connection: PostgresConnection, _ body: @Sendable (PostgresTextRows) async throws -> Void
    ) async throws {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(timeout)
        /// Anew for each statement: the one before may have changed it.
        func limit() async throws {
            let left = max(1, Int(clock.now.duration(to: end) / .milliseconds(1)))
            try await connection.query("select set_config('statement_timeout', \("\(left)"), true)")
        }
        try await connection.execute(unsafeSQL: "begin read only")
        try await limit()
        // A cursor takes nothing but what reads: PostgreSQL refuses every other statement, and changes within `with`.
        _ = try await connection.text(unsafeSQL: "declare answer no scroll cursor for \(sql)")
        var count = 0
        repeat {
            try await limit()
            let rows = try await connection.text(unsafeSQL: "fetch \(Self.piece) from answer")
            count = rows.count
            try await body(rows)
        } while count == Self.piece
        try await connection.execute(unsafeSQL: "rollback")
    }

    /// What the server says about the question, in its own words: they are about what the person typed.
    private func refusal(_ error: PostgresError) -> StoreError {
        if error.sqlState == "57014" {
            return StoreError(
                .invalidQuery, "the question took longer than \(timeout) s; ask for less, or give it a longer --timeout"
            )
        }
        let words = (error.detail ?? "").split(separator: "\n").first.map(String.init) ?? error.description
        let reason = words.hasPrefix("ERROR:") ? String(words.dropFirst(6).drop { $0 == " " }) : words
        return StoreError(.invalidQuery, "the database refuses: \(reason); only one select over the record is answered")
    }
}
