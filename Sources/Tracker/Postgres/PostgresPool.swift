/// A few connections, lent to one task at a time in the order of asking.
///
/// Connections are opened when first wanted; one that comes back broken, or within a transaction, is thrown away and
/// replaced, so that a restarted server needs nothing from us.
package actor PostgresPool {
    private enum Lease {
        case connection(PostgresConnection)
        /// The right to open one.
        case slot
    }

    package struct Use: Sendable, Hashable {
        package var open: Int
        package var idle: Int
        package var waiting: Int
    }

    private let address: PostgresAddress
    private let size: Int
    private var idle: [PostgresConnection] = []
    /// Connections that are open or being opened.
    private var open = 0
    private var waiters: [(id: UInt64, continuation: CheckedContinuation<Lease, any Error>)] = []
    private var nextWaiter: UInt64 = 0
    private var isClosed = false

    package init(address: PostgresAddress, size: Int = 4) {
        self.address = address
        self.size = max(1, size)
    }

    package var use: Use { Use(open: open, idle: idle.count, waiting: waiters.count) }

    package nonisolated func withConnection<Result: Sendable>(
        _ body: @Sendable (PostgresConnection) async throws -> Result
    ) async throws -> Result {
        let connection = try await borrow()
        do {
            let result = try await body(connection)
            await giveBack(connection)
            return result
        } catch {
            await giveBack(connection)
            throw error
        }
    }

    package nonisolated func withTransaction<Result: Sendable>(
        plansOnce: Bool = false, _ body: @Sendable (PostgresConnection) async throws -> Result
    ) async throws -> Result {
        try await withConnection { try await $0.withTransaction(plansOnce: plansOnce, body) }
    }

    /// Runs one statement on any connection.
    @discardableResult
    package nonisolated func query(_ query: PostgresQuery) async throws -> PostgresRows {
        try await withConnection { try await $0.query(query) }
    }

    /// Closes what is idle now and the rest as it comes back; whoever waits gets an error.
    package func close() async {
        isClosed = true
        waiters.forEach { $0.continuation.resume(throwing: PostgresPool.closed) }
        waiters = []
        let connections = idle
        idle = []
        open -= connections.count
        for connection in connections { await connection.close() }
    }

    private static let closed = PostgresError(.poolClosed, "the connections to the database have been closed")

    private func borrow() async throws -> PostgresConnection {
        guard !isClosed else { throw PostgresPool.closed }
        while let connection = idle.popLast() {
            if await connection.isReusable { return connection }
            open -= 1
        }
        if open < size {
            open += 1
            return try await connect()
        }
        switch try await wait() {
        case .connection(let connection): return connection
        case .slot: return try await connect()
        }
    }

    /// Opens a connection for a slot that is counted already.
    private func connect() async throws -> PostgresConnection {
        do {
            return try await PostgresConnection.connect(to: address)
        } catch {
            releaseSlot()
            throw error
        }
    }

    private func giveBack(_ connection: PostgresConnection) async {
        guard await connection.isReusable, !isClosed else {
            await connection.close()
            return releaseSlot()
        }
        if waiters.isEmpty {
            idle.append(connection)
        } else {
            waiters.removeFirst().continuation.resume(returning: .connection(connection))
        }
    }

    private func releaseSlot() {
        if waiters.isEmpty {
            open -= 1
        } else {
            waiters.removeFirst().continuation.resume(returning: .slot)
        }
    }

    private func wait() async throws -> Lease {
        nextWaiter += 1
        let id = nextWaiter
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                if Task.isCancelled {
                    continuation.resume(throwing: CancellationError())
                } else {
                    waiters.append((id, continuation))
                }
            }
        } onCancel: {
            Task { await stopWaiting(id) }
        }
    }

    private func stopWaiting(_ id: UInt64) {
        guard let index = waiters.firstIndex(where: { $0.id == id }) else { return }
        waiters.remove(at: index).continuation.resume(throwing: CancellationError())
    }
}
