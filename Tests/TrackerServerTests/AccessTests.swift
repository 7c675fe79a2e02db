import Experiment
import Foundation
import Logging
import Synchronization
import TestSupport
import Testing
import TrackerStore

@testable import TrackerServer

/// Cases of the fault list that begin with S: who gets in, and what he may do.
@Suite("Access", .timeLimit(.minutes(2)))
struct AccessTests {
    static let methods = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]

    @Test("S3: no route answers without a token, however its address is spelt, but /health")
    func everyRoute() async throws {
        try await withAuthentication { server, _ in
            var paths = Set(try routes(server).map { address($0.path, run: "r1", sweep: "s1") })
            paths.formUnion(["/", "/nothing", "/api", "/api/v1"])
            for path in paths.sorted() where path != "/health" && !path.hasPrefix("/blobs/") {
                for method in Self.methods {
                    for spelling in [
                        path, path + "/", "/" + path, path.uppercased(), path + "?x=1", "/health/.." + path,
                    ] {
                        let answer = try await RawRequest.send(method, spelling, port: server.port)
                        #expect(answer.status == 401, "\(method) \(spelling)")
                    }
                }
            }
            #expect(try await RawRequest.send("GET", "/health", port: server.port).status == 200)
            for spelling in ["/health/", "//health", "/HEALTH", "/health/x", "/health%2f"] {
                #expect(try await RawRequest.send("GET", spelling, port: server.port).status == 401, "\(spelling)")
            }
        }
    }

    @Test("S3: files by unsigned addresses are refused to whoever has no token")
    func blobs() async throws {
        try await withAuthentication { server, _ in
            for route in try routes(server) where route.path.hasPrefix("/blobs/") {
                let path = address(route.path, run: "r1", sweep: "s1")
                let answer = try await RawRequest.send(route.method, path, port: server.port)
                #expect((400..<500).contains(answer.status), "\(route.method) \(path) \(answer.status)")
            }
        }
    }

    @Test("A token in either header is one, and a wrong, revoked or expired one is none")
    func headers() async throws {
        try await withAuthentication { server, secret in
            func status(_ header: String) async throws -> Int {
                try await RawRequest.send("GET", "/api/v1/runs", port: server.port, headers: [header]).status
            }
            let token = try await secret(.read, nil)
            #expect(token.count >= 40 && token.allSatisfy { $0.isLetter || $0.isNumber })
            let basic = Data("api:\(token)".utf8).base64EncodedString()
            #expect(try await status("Authorization: Bearer \(token)") == 200)
            #expect(try await status("Authorization: bearer \(token)") == 200)
            #expect(try await status("Authorization: Basic \(basic)") == 200)
            for bad in [
                "Bearer \(token)x", "Bearer", "Bearer ", "Basic \(token)", "Digest \(token)", "Basic !!!",
                "Bearer \(String(repeating: "x", count: 5000))", "Bearer ' or true --",
            ] {
                #expect(try await status("Authorization: \(bad)") == 401, "\(bad)")
            }
            let expired = try await server.store.createToken(
                name: "old", role: .admin, expires: Date(timeIntervalSinceNow: -1))
            #expect(try await status("Authorization: Bearer \(expired.secret)") == 401)
            try await server.store.revokeToken(nameOrID: "read")
            try await Task.sleep(for: TokenCache.lifetime + .milliseconds(200))
            #expect(try await status("Authorization: Bearer \(token)") == 401)
        }
    }

    @Test("S4: for a token of one project the things of another do not exist")
    func otherProject() async throws {
        try await withAuthentication { server, secret in
            let sweep = try await Self.fill(server, project: "b", run: "rb")
            _ = try await Self.fill(server, project: "a", run: "ra")
            let headers = ["Authorization: Bearer \(try await secret(.admin, "a"))", "Content-Type: application/json"]
            for route in try routes(server) where route.path.contains("{") && route.path.hasPrefix("/api/") {
                let body = Self.body(of: route.path)
                let path = address(route.path, run: "rb", sweep: sweep)
                let there = try await RawRequest.send(
                    route.method, path, port: server.port, headers: headers, body: body)
                #expect(there.status == 404, "\(route.method) \(path): \(there.text)")
                guard route.path != "/api/v1/runs/{run}/records", route.method != "PUT" else { continue }
                let none = try await RawRequest.send(
                    route.method, address(route.path, run: "rx", sweep: "sx"), port: server.port, headers: headers,
                    body: body)
                #expect(none.body.replacing("rx", with: "rb").replacing("sx", with: sweep) == there.body)
            }
            for path in ["/api/v1/runs", "/api/v1/projects", "/api/v1/sweeps"] {
                let own = try await RawRequest.send("GET", path, port: server.port, headers: headers)
                #expect(own.status == 200 && own.body.contains("\"a\"") && !own.body.contains("\"b\""), "\(own.text)")
            }
            for path in ["/api/v1/runs?project=b", "/api/v1/sweeps?project=b", "/api/v1/events?project=b"] {
                #expect(try await RawRequest.send("GET", path, port: server.port, headers: headers).status == 404)
            }
            #expect(try await RawRequest.send("GET", "/metrics", port: server.port, headers: headers).status == 403)
            let run = try #require(RunID(rawValue: "rb"))
            #expect(try await server.store.run(run).state == .running)
            #expect(try await server.store.history(run: run).count == 1)
        }
    }

    @Test("S5: a token for reading changes nothing")
    func readOnly() async throws {
        try await withAuthentication { server, secret in
            let sweep = try await Self.fill(server, project: "a", run: "ra")
            for project in [nil, "a"] {
                let headers = [
                    "Authorization: Bearer \(try await secret(.read, project))", "Content-Type: application/json",
                ]
                for route in try routes(server)
                where route.method != "GET" && route.path.hasPrefix("/api/")
                    // A question whose keys are too many for an address.
                    && route.path != "/api/v1/sweeps/reuse"
                {
                    let path = address(route.path, run: "ra", sweep: sweep)
                    let answer = try await RawRequest.send(
                        route.method, path, port: server.port, headers: headers, body: Self.body(of: route.path))
                    #expect(answer.status == 403, "\(route.method) \(path): \(answer.text)")
                }
                #expect(
                    try await RawRequest.send("GET", "/api/v1/runs/ra", port: server.port, headers: headers).status
                        == 200)
            }
        }
    }

    @Test("S9: what people named comes back as data that no browser runs")
    func headersOfAnswers() async throws {
        try await withServer { server in
            _ = try await Self.fill(server, project: "<script>alert(1)</script>", run: "r1")
            for path in ["/api/v1/runs", "/api/v1/projects", "/nothing", "/health"] {
                let text = try await RawRequest.send("GET", path, port: server.port).text.lowercased()
                for header in [
                    "content-type: application/json", "x-content-type-options: nosniff", "x-frame-options: deny",
                    "content-security-policy: default-src 'none'", "cache-control: no-store",
                ] {
                    #expect(text.contains(header), "\(path): \(header)")
                }
            }
        }
    }

    @Test("S10: other sites' pages get nowhere; names of our own must be allowed")
    func hosts() async throws {
        var options = ServerOptions(port: 0)
        options.allowedHosts = ["tracker.example.org"]
        try await withServer(options: options) { server in
            let table: [([String], Int)] = [
                (["Host: tracker.example.org"], 200), (["Host: Tracker.Example.org:8080"], 200),
                (["Host: tracker.example.org.evil.example"], 403), (["Host: evil.example"], 403),
                (["Host: tracker.example.org", "Origin: https://tracker.example.org"], 200),
                (["Host: tracker.example.org", "Origin: https://evil.example"], 403),
                (["Host: tracker.example.org", "Sec-Fetch-Site: cross-site"], 403),
            ]
            for (headers, status) in table {
                for path in ["/health", "/api/v1/runs"] {
                    let answer = try await RawRequest.send("GET", path, port: server.port, headers: headers)
                    #expect(answer.status == status, "\(headers)")
                }
            }
            // What a page may send to another site without asking first.
            let form = try await RawRequest.send(
                "POST", "/api/v1/sweeps", port: server.port, headers: ["Content-Type: text/plain"], body: "{}")
            #expect(form.status == 415)
        }
    }

    @Test("S13: a token is in no log, and in the database only as a hash")
    func secrets() async throws {
        let lines = LogLines()
        try await withAuthentication(logger: lines.logger) { server, secret in
            let token = try await secret(.write, nil)
            for path in ["/api/v1/runs", "/nothing", "/api/v1/runs?token=\(token)", "/api/v1/sweeps/none"] {
                for scheme in ["Bearer \(token)", "Basic \(Data("api:\(token)".utf8).base64EncodedString())", token] {
                    let answer = try await RawRequest.send(
                        "GET", path, port: server.port, headers: ["Authorization: \(scheme)"])
                    #expect(!answer.text.contains(token))
                }
            }
            #expect(!lines.text.isEmpty && !lines.text.contains(token))
            #expect(!lines.text.contains(Data("api:\(token)".utf8).base64EncodedString()))
            let kept = try await server.store.tokens()
            #expect(!String(decoding: try JSONCoding.encode(kept), as: UTF8.self).contains(token))
            #expect(kept.first?.lastUsed != nil)
        }
    }

    // MARK: - Helpers

    typealias MakeSecret = @Sendable (AccessRole, String?) async throws -> String

    private func withAuthentication(
        logger: Logger? = nil, _ body: @Sendable (RunningServer, MakeSecret) async throws -> Void
    ) async throws {
        var options = ServerOptions(port: 0)
        options.requiresTokens = true
        try await withServer(options: options, logger: logger) { server in
            try await body(server) { role, project in
                try await server.store.createToken(name: role.rawValue, role: role, project: project).secret
            }
        }
    }

    struct Route { var method, path: String }

    private func routes(_ server: RunningServer) throws -> [Route] {
        let twin = try TrackerServer(
            store: server.store, home: server.home, options: ServerOptions(port: 0), logger: Logger(label: "test"))
        #expect(twin.routes.count > 20)
        return twin.routes.map { route in
            let parts = route.split(separator: " ")
            return Route(method: String(parts[0]), path: String(parts[1]))
        }
    }

    private func address(_ path: String, run: String, sweep: String) -> String {
        path.replacing("{run}", with: run).replacing("{sweep}", with: sweep).replacing("**", with: "a.txt")
            .replacing(/\{[a-z]+\}/, with: "x")
    }

    /// A message that each route would take.
    private static func body(of path: String) -> String {
        if path.hasSuffix("/claims") { return #"{"claimant":{"host":"h","pid":1,"startTicks":1},"leaseSeconds":60}"# }
        if path.hasSuffix("/reports") { return #"{"fence":1,"event":{"succeeded":{}}}"# }
        if path.hasSuffix("/records") { return #"{"attempt":1,"records":[]}"# }
        if path.hasSuffix("/sweeps") {
            return #"{"definition":"name: n\nproject: a\nmethod: grid\nparameters: {seed: {values: [1]}}","new":false}"#
        }
        return "{}"
    }

    /// A run with a point and a file, and a sweep; answers the sweep's id.
    private static func fill(_ server: RunningServer, project: String, run: String) async throws -> String {
        let id = try #require(RunID(rawValue: run))
        let start = RunStart(project: project, host: "h", time: Date(timeIntervalSince1970: 1_790_000_000))
        let row = MetricRow(step: 0, time: start.time, values: ["loss": 1])
        let file = RunFile(
            key: "k", step: 0, path: "a.txt", mediaType: "text/plain", bytes: 1, sha256: SHA256.hex("x"),
            time: start.time)
        _ = try await server.store.ingest(
            run: id,
            IngestRequest(
                attempt: 1,
                records: [RunRecord.start(start), .metrics(row), .file(file)].enumerated().map {
                    SequencedRecord(sequence: Int64($0) + 1, record: $1)
                }))
        let folder = server.home.files + "/" + run
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data("x".utf8).write(to: URL(fileURLWithPath: folder + "/a.txt"))
        let stage = StagePlan(key: "k-\(run)", name: "train", input: nil, title: "t", config: [:])
        let plan = SweepPlan(
            name: "sweep-\(run)", project: project, definition: "", definitionHash: "h", metric: nil, goal: .minimize,
            maximumAttempts: 1, stages: [stage], trials: [TrialPlan(number: 1, config: [:], stages: [stage.key])])
        return try await server.store.createSweep(plan: plan).sweep.id
    }
}

/// Keeps what is logged.
final class LogLines: Sendable {
    private let lines = Mutex("")

    var text: String { lines.withLock { $0 } }

    var logger: Logger {
        var logger = Logger(label: "test") { _ in Handler(lines: self) }
        logger.logLevel = .trace
        return logger
    }

    private struct Handler: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            lines.lines.withLock { $0 += "\(event.message) \(metadata) \(event.metadata ?? [:])\n" }
        }
    }
}
