import Glibc
package import Postgres
import Synchronization
import TrackerStore

/// This test process's own PostgreSQL server: started when first wanted, gone with the process.
package struct ScratchCluster: Sendable {
    private static let template = "template_scratch"
    private static let starting = Task { try await start() }
    private static let count = Atomic(0)

    private let cluster: PrivateCluster

    /// A database that every test may connect to and none may change.
    package var maintenanceAddress: PostgresAddress { cluster.address(database: "postgres") }

    package static func shared() async throws -> ScratchCluster { try await starting.value }

    private static func start() async throws -> ScratchCluster {
        let home = try scratchFolder()
        try Watchdog.guardFolder(home)
        let cluster = try await PrivateCluster.open(home: home + "/postgres", settings: ["fsync": "off"])
        try await cluster.createDatabase(template)
        try await Database.migrate(cluster.address(database: template))
        return ScratchCluster(cluster: cluster)
    }

    /// Runs `body` with the address of a fresh database: empty, or a copy of the migrated one.
    func withDatabase<Result: Sendable>(
        migrated: Bool, _ body: @Sendable (PostgresAddress) async throws -> Result
    ) async throws -> Result {
        let name = "scratch_\(ScratchCluster.count.add(1, ordering: .relaxed).newValue)"
        try await cluster.createDatabase(name, template: migrated ? ScratchCluster.template : nil)
        return try await body(cluster.address(database: name))
    }
}

/// A new folder that other users can pass through: where tests run as root, the server runs as another user.
package func scratchFolder() throws -> String {
    var path = Array("/tmp/saga-test-XXXXXX\0".utf8CString)
    guard mkdtemp(&path) != nil, chmod(path, 0o711) == 0 else {
        throw ScratchError(description: "no folder could be made in /tmp")
    }
    return path.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } } ?? ""
}
