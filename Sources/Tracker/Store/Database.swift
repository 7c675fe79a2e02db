package import Experiment
import Foundation
import Migrations
package import Postgres

/// The tracker's database: the one that `DATABASE_URL` names, else a private cluster below `SAGA_HOME`.
package struct Database: Sendable {
    package let store: TrackerStore
    package let address: PostgresAddress
    private let cluster: PrivateCluster?

    /// Opened as they are needed. Whoever commits waits for the disk, and those that wait together are written together:
    /// with 4 connections 8 claimers would wait in turns.
    private static let connections = 16
    /// Name of the database in the private cluster.
    private static let name = "saga"

    /// Connects, starting the private cluster where needed, and migrates.
    ///
    /// `migrates` false: takes the database as it is, for looking at.
    package static func open(
        environment: [String: String] = ProcessInfo.processInfo.environment, home: SagaHome = SagaHome(),
        migrates: Bool = true
    ) async throws -> Database {
        if let url = environment["DATABASE_URL"], !url.isEmpty {
            let address = PostgresAddress(url)
            if migrates { try await migrate(address) }
            return Database(
                store: TrackerStore(pool: PostgresPool(address: address, size: connections)), address: address,
                cluster: nil)
        }
        let cluster = try await PrivateCluster.open(home: home.postgres)
        do {
            try await cluster.createDatabase(name)
            let address = cluster.address(database: name)
            if migrates { try await migrate(address) }
            return Database(
                store: TrackerStore(pool: PostgresPool(address: address, size: connections)), address: address,
                cluster: cluster)
        } catch {
            try? await cluster.release()
            throw error
        }
    }

    /// Looks after the private cluster's server and starts it again whenever it is gone; ends with the task. `tell` gets a
    /// sentence for the log. Does nothing where the database is another's.
    package func keepServerRunning(_ tell: @Sendable (String) -> Void) async {
        guard let cluster else { return }
        while (try? await Task.sleep(for: Database.look)) != nil {
            do {
                if try await cluster.revive() { tell("the private database was gone; it is started again") }
            } catch is CancellationError {
                return
            } catch {
                tell("the private database is gone and does not start, it is tried again: \(error)")
            }
        }
    }

    /// Between two looks at the server: two small files are read.
    private static let look = Duration.milliseconds(500)

    /// Hands the connections back; the last user of a private cluster stops it.
    package func close() async throws {
        await store.pool.close()
        try await cluster?.release()
    }

    /// Version of the installed server that runs the private cluster, as `15.18`; nil where the database is another's.
    package func installedServerVersion() async throws -> String? { try await cluster?.installedVersion() }

    /// Brings a database to the shape that ``TrackerStore`` needs.
    package static func migrate(_ address: PostgresAddress) async throws {
        let migrations = try embeddedMigrations.map { try Migration(file: $0.name, sql: $0.sql) }
        let connection = try await PostgresConnection.connect(to: address)
        do {
            try await Migrator(migrations).run(on: connection)
            await connection.close()
        } catch {
            await connection.close()
            throw error
        }
    }
}
