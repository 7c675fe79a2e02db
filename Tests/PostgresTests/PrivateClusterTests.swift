import Experiment
import FoundationEssentials
import Glibc
import Postgres
import TestSupport
import Testing

@Suite("Private cluster", .serialized, .timeLimit(.minutes(1)))
struct PrivateClusterTests {
    @Test("The last user stops the server; the next one finds the data again")
    func lifetime() async throws {
        try await withHome { home in
            let first = try await PrivateCluster.open(home: home)
            try await first.createDatabase("kept")
            let second = try await PrivateCluster.open(home: home)
            try await first.release()
            #expect(try await answers(second.address(database: "kept")))
            try await second.release()
            #expect(try await !answers(second.address(database: "kept")))

            let again = try await PrivateCluster.open(home: home)
            #expect(try await answers(again.address(database: "kept")))
            try await again.release()
        }
    }

    @Test("Several users at once share one server")
    func together() async throws {
        try await withHome { home in
            let clusters = try await withThrowingTaskGroup(of: PrivateCluster.self) { group in
                for _ in 0..<4 { group.addTask { try await PrivateCluster.open(home: home) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for cluster in clusters { #expect(try await answers(cluster.address(database: "postgres"))) }
            for cluster in clusters { try await cluster.release() }
            #expect(try await !answers(clusters[0].address(database: "postgres")))
        }
    }

    @Test("A lock file whose pid is now another program's is no obstacle")
    func stalePid() async throws {
        try await withHome { home in
            let first = try await PrivateCluster.open(home: home)
            let file = home + "/cluster/data/postmaster.pid"
            let lines = try String(contentsOfFile: file, encoding: .utf8).split(
                separator: "\n", omittingEmptySubsequences: false)
            try await first.release()
            let stale = (["\(getpid())"] + lines.dropFirst()).joined(separator: "\n")
            try stale.write(toFile: file, atomically: false, encoding: .utf8)

            let again = try await PrivateCluster.open(home: home)
            #expect(try await answers(again.address(database: "postgres")))
            try await again.release()
        }
    }

    @Test("A server that was killed is started again")
    func killed() async throws {
        try await withHome { home in
            let first = try await PrivateCluster.open(home: home)
            kill(try #require(try server(of: home)), SIGKILL)
            try await Task.sleep(for: .milliseconds(300))
            let again = try await PrivateCluster.open(home: home)
            #expect(try await answers(again.address(database: "postgres")))
            try await first.release()
            try await again.release()
        }
    }

    @Test("A user whose server was killed revives it, as often as it takes, and leaves nothing behind")
    func revived() async throws {
        try await withHome { home in
            let cluster = try await PrivateCluster.open(home: home)
            #expect(try await !cluster.revive())
            try await cluster.createDatabase("kept")
            for _ in 0..<2 {
                kill(try #require(try server(of: home)), SIGKILL)
                try await Task.sleep(for: .milliseconds(300))
                #expect(try await !answers(cluster.address(database: "kept")))
                #expect(try await cluster.revive())
                #expect(try await answers(cluster.address(database: "kept")))
            }
            // The last user may leave while it is dead.
            kill(try #require(try server(of: home)), SIGKILL)
            try await Task.sleep(for: .milliseconds(300))
            try await cluster.release()
            #expect(try await !answers(cluster.address(database: "kept")))
        }
    }

    @Test("A process that a killed server has left behind delays the next one and does not prevent it")
    func orphan() async throws {
        try await withHome { home in
            let cluster = try await PrivateCluster.open(home: home)
            let connection = try await PostgresConnection.connect(to: cluster.address(database: "postgres"))
            let row = try #require(try await connection.query("select pg_backend_pid()").first)
            let orphan = try row.decode(as: Int32.self)
            kill(orphan, SIGSTOP)
            kill(try #require(try server(of: home)), SIGKILL)
            try await Task.sleep(for: .milliseconds(300))
            let end = Task {
                try await Task.sleep(for: .seconds(3))
                kill(orphan, SIGKILL)
            }
            #expect(try await cluster.revive())
            try await end.value
            #expect(try await answers(cluster.address(database: "postgres")))
            await connection.close()
            try await cluster.release()
        }
    }

    private func server(of home: String) throws -> pid_t? {
        let file = home + "/cluster/data/postmaster.pid"
        return try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").first.flatMap { pid_t($0) }
    }

    @Test("A home that the server's user cannot reach, or that is too deep for a socket, is no obstacle")
    func closedAndDeep() async throws {
        let root = try scratchFolder()
        chmod(root, 0o700)
        let home = root + "/" + String(repeating: "d", count: 100) + "/postgres"
        defer {
            // What lies elsewhere is found by the links in the home.
            let folder =
                (try? FileManager.default.destinationOfSymbolicLink(atPath: home + "/cluster")) ?? home + "/cluster"
            try? FileManager.default.removeItem(atPath: "/tmp/saga-" + SHA256.hex(folder).prefix(16))
            try? FileManager.default.removeItem(atPath: folder)
            try? FileManager.default.removeItem(atPath: root)
        }
        let cluster = try await PrivateCluster.open(home: home)
        #expect(try await answers(cluster.address(database: "postgres")))
        try await cluster.release()
    }

    @Test("A folder that somebody has planted is refused")
    func planted() async throws {
        try await withHome { home in
            try FileManager.default.createDirectory(atPath: home + "/cluster", withIntermediateDirectories: true)
            chmod(home + "/cluster", 0o777)
            let error = try await #require(throws: PostgresError.self) { try await PrivateCluster.open(home: home) }
            #expect(error.kind == .cluster)
        }
    }

    private func withHome(_ body: @Sendable (String) async throws -> Void) async throws {
        let root = try scratchFolder()
        defer { try? FileManager.default.removeItem(atPath: root) }
        try await body(root + "/postgres")
    }

    private func answers(_ address: PostgresAddress) async throws -> Bool {
        do {
            let connection = try await PostgresConnection.connect(to: address)
            defer { Task { await connection.close() } }
            return try await !connection.query("select 1").isEmpty
        } catch let error as PostgresError where error.kind == .unreachable {
            return false
        }
    }
}
