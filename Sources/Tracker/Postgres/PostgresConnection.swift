import CLibPQ
import Glibc

/// One connection, used by one task at a time (see ``PostgresPool``).
///
/// libpq is called blocking, on the connection's own queue: 9.7 us for a small query where waiting for the socket
/// took 48 us.
package actor PostgresConnection {
    private let executor = QueueExecutor(label: "postgres")
    private var handle: OpaquePointer?
    private var prepared: [PreparedKey: String] = [:]

    private struct PreparedKey: Hashable {
        let sql: String
        let types: [UInt32]
    }

    /// Plans kept on the server; beyond it statements are planned each time.
    private static let maximumPrepared = 200

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private init() {}

    isolated deinit { PQfinish(handle) }

    package static func connect(to address: PostgresAddress) async throws -> PostgresConnection {
        let connection = PostgresConnection()
        try await connection.open(address)
        return connection
    }

    private func open(_ address: PostgresAddress) throws(PostgresError) {
        var settings = [
            ("dbname", address.connectionString), ("fallback_application_name", "saga"), ("connect_timeout", "10"),
            ("client_encoding", "UTF8"),
        ]
        // What comes later counts.
        if let user = address.user { settings += [("user", user), ("password", address.password ?? "")] }
        var keys = settings.map { strdup($0.0).map { UnsafePointer($0) } }
        var values = settings.map { strdup($0.1).map { UnsafePointer($0) } }
        defer { (keys + values).forEach { free(UnsafeMutablePointer(mutating: $0)) } }
        keys.append(nil)
        values.append(nil)
        let handle = PQconnectdbParams(keys, values, 1)
        self.handle = handle
        guard PQstatus(handle) == CONNECTION_OK else {
            let reason = String(cString: PQerrorMessage(handle))
            throw PostgresError(.unreachable, unreachable(address, reason), detail: reason)
        }
        // Notices ("relation exists, skipping") are for psql users.
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
    }

    private func unreachable(_ address: PostgresAddress, _ reason: String) -> String {
        let host = PQhost(handle).map { String(cString: $0) } ?? ""
        let first = reason.split(separator: "\n").first.map(String.init) ?? "no reason given"
        // libpq repeats the host before the reason: 'connection to server at "HOST" ..., port 5432 failed: '.
        let short = first.firstRange(of: "failed: ").map { String(first[$0.upperBound...]) } ?? first
        return "the database at \(host.isEmpty ? "the given address" : host) refuses the connection: \(short); "
            + address.advice
    }

    package func close() {
        PQfinish(handle)
        handle = nil
    }

    /// Runs one statement with its parameters, prepared on first use.
    @discardableResult
    package func query(_ query: PostgresQuery) throws(PostgresError) -> PostgresRows {
        var rendered = try query.render()
        let name = try prepare(rendered)
        // So that an empty parameter has an address too: none would mean null.
        rendered.bytes.append(0)
        let result = rendered.bytes.withUnsafeBytes { bytes in
            let values = rendered.ranges.map { range in
                range.flatMap { bytes.baseAddress?.advanced(by: $0.lowerBound).assumingMemoryBound(to: CChar.self) }
            }
            let lengths = rendered.ranges.map { Int32($0?.count ?? 0) }
            let formats = [Int32](repeating: 1, count: values.count)
            let count = Int32(values.count)
            return if let name {
                PQexecPrepared(handle, name, count, values, lengths, formats, 1)
            } else {
                PQexecParams(handle, rendered.sql, count, rendered.types, values, lengths, formats, 1)
            }
        }
        return try check(result)
    }

    /// Runs SQL text without parameters, several statements at will.
    @discardableResult
    package func execute(unsafeSQL sql: String) throws(PostgresError) -> PostgresRows {
        try check(PQexec(handle, sql))
    }

    /// Sends rows by `copy`. `target`: a table and its columns, as `points (run, value)`.
    package func copy(_ rows: PostgresCopy, into target: StaticString) throws(PostgresError) {
        guard rows.rows > 0 else { return }
        let answer = PQexec(handle, "copy \(target) from stdin (format binary)")
        guard PQresultStatus(answer) == PGRES_COPY_IN else {
            try check(answer)
            throw PostgresError(.server, "the database does not take a copy; see the log")
        }
        PQclear(answer)
        let sent = rows.finished().withUnsafeBytes {
            PQputCopyData(handle, $0.baseAddress?.assumingMemoryBound(to: CChar.self), Int32($0.count))
        }
        guard sent == 1, PQputCopyEnd(handle, nil) == 1 else { throw lost() }
        let result = PQgetResult(handle)
        // The statement has ended when there is nothing more to get.
        while let rest = PQgetResult(handle) { PQclear(rest) }
        try check(result)
    }

    /// Runs one statement that a person typed, and gives its rows as the server writes them.
    ///
    /// Several statements are refused, by the protocol itself.
    package func text(unsafeSQL sql: String) throws(PostgresError) -> PostgresTextRows {
        PostgresTextRows(rows: try check(PQexecParams(handle, sql, 0, nil, nil, nil, nil, 0)))
    }

    /// The name of the statement's plan on the server; nil when it is not worth keeping one.
    private func prepare(_ query: RenderedQuery) throws(PostgresError) -> String? {
        let key = PreparedKey(sql: query.sql, types: query.types)
        if let name = prepared[key] { return name }
        guard prepared.count < PostgresConnection.maximumPrepared else { return nil }
        let name = "s\(prepared.count + 1)"
        try check(PQprepare(handle, name, query.sql, Int32(query.types.count), query.types))
        prepared[key] = name
        return name
    }

    @discardableResult
    private func check(_ result: OpaquePointer?) throws(PostgresError) -> PostgresRows {
        guard let result else { throw lost() }
        let rows = PostgresRows(result: ResultHandle(result))
        switch PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: return rows
        default: break
        }
        guard PQstatus(handle) == CONNECTION_OK else { throw lost() }
        let state = PQresultErrorField(result, Int32(UInt8(ascii: "C"))).map { String(cString: $0) }
        throw PostgresError(
            .server, "the database refused a statement (\(state ?? "no code")); see the log for its words",
            sqlState: state, detail: String(cString: PQresultErrorMessage(result)))
    }

    private func lost() -> PostgresError {
        PostgresError(
            .connectionLost, "the connection to the database was lost; try again",
            detail: handle.map { String(cString: PQerrorMessage($0)) })
    }

    /// Whether another task can use the connection: alive, and outside any transaction.
    package var isReusable: Bool {
        // A server that closes a connection says why and hangs up: the first call reads the words, the second the end.
        PQconsumeInput(handle) == 1 && PQconsumeInput(handle) == 1 && PQstatus(handle) == CONNECTION_OK
            && PQtransactionStatus(handle) == PQTRANS_IDLE
    }
}

extension PostgresConnection {
    /// Runs `body` between `begin` and `commit`; an error rolls everything back and is thrown on.
    ///
    /// `plansOnce`: statements are planned once for all parameters. By itself the server plans anew each time where it
    /// thinks that the arrays at hand are shorter than most, which can take longer than the statement.
    package nonisolated func withTransaction<Result: Sendable>(
        plansOnce: Bool = false, _ body: @Sendable (PostgresConnection) async throws -> Result
    ) async throws -> Result {
        try await execute(unsafeSQL: plansOnce ? "begin; set local plan_cache_mode = force_generic_plan" : "begin")
        do {
            let result = try await body(self)
            // A transaction in which a statement failed answers a commit with a rollback.
            guard try await execute(unsafeSQL: "commit").status == "COMMIT" else {
                throw PostgresError(.server, "a transaction was rolled back after a statement in it had failed")
            }
            return result
        } catch {
            // Where this fails too the connection is broken, and the pool throws it away.
            _ = try? await execute(unsafeSQL: "rollback")
            throw error
        }
    }
}
