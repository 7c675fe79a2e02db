import Experiment
import Foundation
import Glibc
import TestSupport
import Testing
import TrackerClient
import TrackerStore

@testable import Postgres
@testable import TrackerServer

/// Oracle of every case: every point once, with its value.
@Suite("Faults of the database", .timeLimit(.minutes(3)))
struct DatabaseFaultTests {
    @Test("F4: restarts, a pause, full connections and read-only phases under load lose and double nothing")
    func faults() async throws {
        try await withOwnCluster { cluster, store, home in
            try await withServer(store: store, home: home, port: 0) { server in
                let loggers = try (0..<4).map { try logger($0, home, server.address) }
                let load = Task {
                    for step in 0..<6000 {
                        for (index, logger) in loggers.enumerated() { logger.logger.log(row(step, index)) }
                        if step % 20 == 0 { try await Task.sleep(for: .milliseconds(20)) }
                    }
                }
                for _ in 0..<2 {
                    try await Task.sleep(for: .milliseconds(500))
                    try await control(cluster, "restart", "-m", "immediate", "-w")
                }
                // Away for a while.
                try await control(cluster, "stop", "-m", "immediate", "-w")
                let answer = try await RawRequest.send("GET", "/api/v1/runs", port: server.port)
                #expect(answer.status == 503 && answer.text.lowercased().contains("retry-after:"), "\(answer.text)")
                #expect(try await RawRequest.send("GET", "/health", port: server.port).status == 200)
                try await Task.sleep(for: .seconds(2))
                try await control(cluster, "start", "-w", "-l", cluster.folder.log)

                // Read-only.
                try await execute(
                    cluster, "alter system set default_transaction_read_only = on", "select pg_reload_conf()")
                try await Task.sleep(for: .milliseconds(300))
                let edit = try await RawRequest.send(
                    "PATCH", "/api/v1/runs/run0", port: server.port, headers: ["Content-Type: application/json"],
                    body: #"{"name":"n"}"#)
                #expect([404, 503].contains(edit.status), "\(edit.text)")
                try await Task.sleep(for: .seconds(1))
                try await execute(
                    cluster, "alter system reset default_transaction_read_only", "select pg_reload_conf()")

                // Nobody else gets in.
                var greedy: [PostgresConnection] = []
                while greedy.count < 200,
                    let one = try? await PostgresConnection.connect(to: cluster.address(database: "saga"))
                {
                    greedy.append(one)
                }
                // The server's own connections go, and it cannot open others.
                #expect(greedy.count > 10)
                try await greedy[0].query(
                    """
                    select pg_terminate_backend(pid) from pg_stat_activity
                    where datname = 'saga' and pid <> pg_backend_pid() and query <> ''
                    """)
                try await Task.sleep(for: .seconds(1))
                for connection in greedy { await connection.close() }

                try await load.value
                try await complete(loggers, in: store, steps: 6000)
            }
        }
    }

    @Test("F18: a hundred clients that come back at once after an outage are all served")
    func herd() async throws {
        try await withScratchStore { store in
            try await withTemporaryHome { home in
                let port = try await withServer(store: store, home: home, port: 0) { $0.port }
                let address = TrackerAddress(url: "http://127.0.0.1:\(port)")
                let loggers = try (0..<100).map { try logger($0, home, address) }
                for step in 0..<50 {
                    for (index, logger) in loggers.enumerated() { logger.logger.log(row(step, index)) }
                }
                try await Task.sleep(for: .seconds(1))
                try await withServer(store: store, home: home, port: port) { _ in
                    try await complete(loggers, in: store, steps: 50)
                }
            }
        }
    }

    // MARK: - Helpers

    struct Client: Sendable {
        var run: RunID
        var logger: RunLogger
    }

    private func logger(_ index: Int, _ home: SagaHome, _ address: TrackerAddress) throws -> Client {
        let run = try #require(RunID(rawValue: "run\(index)"))
        let folder = home.path + "/" + run.rawValue
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let logger = try RunLogger(directory: folder, run: run, attempt: 1, address: address)
        logger.log(.start(RunStart(project: "p", host: "h", time: Date(timeIntervalSince1970: 1_790_000_000))))
        return Client(run: run, logger: logger)
    }

    private func row(_ step: Int, _ run: Int) -> RunRecord {
        .metrics(
            MetricRow(
                step: Int64(step), time: Date(timeIntervalSince1970: 1_790_000_000 + Double(step)),
                values: ["loss": value(step, run)]))
    }

    private func value(_ step: Int, _ run: Int) -> Double { 1 / Double(step + 1) + Double(run) }

    private func complete(_ clients: [Client], in store: TrackerStore, steps: Int) async throws {
        let isComplete = try await blocking {
            clients.allSatisfy { $0.logger.finish(deadline: .seconds(90)) }
        }
        #expect(isComplete)
        for (index, client) in clients.enumerated() {
            let points = try await store.history(run: client.run)
            #expect(points.map(\.step) == (0..<steps).map(Int64.init))
            #expect(points.map(\.value) == (0..<steps).map { value($0, index) })
        }
    }

    private func withOwnCluster(
        _ body: @Sendable (PrivateCluster, TrackerStore, SagaHome) async throws -> Void
    ) async throws {
        let folder = try scratchFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let cluster = try await PrivateCluster.open(home: folder + "/postgres", settings: ["max_connections": "20"])
        try await cluster.createDatabase("saga")
        try await Database.migrate(cluster.address(database: "saga"))
        let pool = PostgresPool(address: cluster.address(database: "saga"))
        do {
            try await body(cluster, TrackerStore(pool: pool), SagaHome(path: folder))
        } catch {
            await pool.close()
            try await cluster.release()
            throw error
        }
        await pool.close()
        try await cluster.release()
    }

    private func control(_ cluster: PrivateCluster, _ words: String...) async throws {
        let answer = try await cluster.user.run(
            cluster.binaries.path("pg_ctl"), [words[0], "-D", cluster.folder.data, "-s"] + words.dropFirst())
        #expect(answer.succeeded, "\(words): \(answer.output)")
    }

    private func execute(_ cluster: PrivateCluster, _ statements: String...) async throws {
        let connection = try await PostgresConnection.connect(to: cluster.address(database: "postgres"))
        for statement in statements { try await connection.execute(unsafeSQL: statement) }
        await connection.close()
    }
}
