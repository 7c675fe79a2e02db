import Foundation
import Postgres

/// What a benchmark works in: a folder of its own, a private database cluster in it, and the built programs.
package struct Workshop: Sendable {
    package let folder: String
    /// Of the programs: SAGA_HOME and DATABASE_URL are the benchmark's own.
    package let environment: [String: String]
    /// Of the tracker's database, and of the peer's by its name.
    package let database: Psql
    package let peerDatabase: Psql
    private let programs: String

    /// `peer`: name of another database beside the tracker's.
    package static func open<Result>(
        peer: String, _ body: (Workshop) async throws -> Result
    ) async throws -> Result {
        let folder = "/tmp/saga-bench-\(UUID().uuidString.prefix(8))"
        // The database server runs as another user when we are root: it must be able to pass.
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let cluster = try await PrivateCluster.open(home: folder + "/postgres")
        do {
            for name in ["saga", peer] { try await cluster.createDatabase(name) }
            let result = try await body(Workshop(folder: folder, cluster: cluster, peer: peer))
            try await cluster.release()
            return result
        } catch {
            try? await cluster.release()
            throw error
        }
    }

    private init(folder: String, cluster: PrivateCluster, peer: String) {
        self.folder = folder
        var environment = ProcessInfo.processInfo.environment
        environment["SAGA_HOME"] = folder + "/home"
        environment["DATABASE_URL"] = cluster.address(database: "saga").connectionString
        environment["SAGA_TOKEN"] = nil
        self.environment = environment
        database = Psql(
            address: cluster.address(database: "saga").connectionString, environment: environment)
        peerDatabase = Psql(address: cluster.address(database: peer).connectionString, environment: environment)
        programs = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path
    }

    /// One of ours, as it was built beside the benchmark.
    package func program(_ name: String) -> Program {
        Program(path: "\(programs)/\(name)", environment: environment)
    }

    /// The folder of the database server's socket.
    package func socket() throws -> String {
        try database.run("select split_part(setting, ', ', 1) from pg_settings where name = 'unix_socket_directories'")
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// A benchmark's text file; its path.
    package func write(_ text: String, to name: String) throws -> String {
        let path = "\(folder)/\(name)"
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        return path
    }
}
