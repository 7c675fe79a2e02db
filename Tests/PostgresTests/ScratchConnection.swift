import Postgres
import TestSupport

/// Runs `body` with a connection to the maintenance database of this process's server: for queries without tables.
func withScratchConnection<Result: Sendable>(
    _ body: @Sendable (PostgresConnection) async throws -> Result
) async throws -> Result {
    let connection = try await PostgresConnection.connect(to: try await ScratchCluster.shared().maintenanceAddress)
    do {
        let result = try await body(connection)
        await connection.close()
        return result
    } catch {
        await connection.close()
        throw error
    }
}
