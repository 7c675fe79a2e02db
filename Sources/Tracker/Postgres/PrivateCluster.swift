import FoundationEssentials
import Glibc

/// A PostgreSQL server of our own below `SAGA_HOME/postgres`, reached by a unix socket only.
///
/// All processes that use it hold a shared lock on `users.lock`; starting and stopping is serialised by `start.lock`.
/// The last user stops the server. A user that crashes leaves it running, and the next one finds it.
package struct PrivateCluster: Sendable {
    static let port = 5432
    static let superuser = "saga"
    /// Where `create database` is sent from.
    static let maintenanceDatabase = "postgres"

    let home: String
    let folder: ClusterFolder
    let user: ClusterUser
    let binaries: ServerBinaries
    let socket: String
    private let users: FileLock
    /// Of the server, beside ours.
    let settings: [String: String]

    /// Finds the cluster or makes it, and starts its server where it is not running.
    ///
    /// `home` is the folder `SAGA_HOME/postgres`, made when missing; `settings` are server settings beside ours, as
    /// `fsync`, used when this call starts the server.
    package static func open(home: String, settings: [String: String] = [:]) async throws -> PrivateCluster {
        do {
            try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        } catch {
            throw PostgresError(.cluster, "\(home) cannot be made; choose another SAGA_HOME", detail: "\(error)")
        }
        let users = try await FileLock.acquire(home + "/users.lock", .shared)
        let start = try await FileLock.acquire(home + "/start.lock", .exclusive)
        defer { withExtendedLifetime(start) {} }
        let user = try ClusterUser.current()
        let folder = try await ClusterFolder.prepare(home: home, user: user)
        let binaries = try await ServerBinaries.find(
            required: folder.version, path: ProcessInfo.processInfo.environment["PATH"] ?? "", user: user)
        let cluster = PrivateCluster(
            home: home, folder: folder, user: user, binaries: binaries,
            socket: try folder.socketFolder(user: user), users: users, settings: settings)
        try await cluster.ensureRunning()
        return cluster
    }

    /// The address of one of the cluster's databases.
    package func address(database: String) -> PostgresAddress {
        PostgresAddress(
            "host=\(quoted(socket)) port=\(PrivateCluster.port) user=\(PrivateCluster.superuser) "
                + "dbname=\(quoted(database)) password='' sslmode=disable",
            advice: "see \(folder.log)")
    }

    /// Makes the database unless it exists.
    package func createDatabase(_ name: String, template: String? = nil) async throws {
        let connection = try await PostgresConnection.connect(
            to: address(database: PrivateCluster.maintenanceDatabase))
        let known = try await connection.query("select 1 from pg_database where datname = \(name)")
        if known.isEmpty {
            let identifier = "\"" + name.replacing("\"", with: "\"\"") + "\""
            let origin = template.map { " template \"" + $0.replacing("\"", with: "\"\"") + "\"" } ?? ""
            try await connection.execute(unsafeSQL: "create database \(identifier)\(origin)")
        }
        await connection.close()
    }

    /// Leaves the cluster; the last to leave stops the server.
    package func release() async throws {
        // Nobody can start the server while we find out whether we are the last.
        let start = try await FileLock.acquire(home + "/start.lock", .exclusive)
        defer { withExtendedLifetime(start) {} }
        guard users.tryTo(.exclusive) else { return }
        defer { users.release() }
        // Killed, and nobody has started it again: there is nothing to stop.
        guard isServerThere else { return }
        let stop = try await user.run(binaries.path("pg_ctl"), ["stop", "-D", folder.data, "-m", "fast", "-w", "-s"])
        guard stop.succeeded else {
            throw PostgresError(
                .cluster, "the private database did not stop; see \(folder.log)", detail: stop.output)
        }
    }

    /// The version of the programs on disk, as `15.18`; the server that runs may be older.
    package func installedVersion() async throws -> String? {
        // As `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
        let answer = try await user.run(binaries.path("postgres"), ["--version"])
        return answer.output.split(whereSeparator: \.isWhitespace).dropFirst(2).first.map(String.init)
    }

    /// A value of a connection string.
    private func quoted(_ value: String) -> String {
        "'" + value.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
    }
}
