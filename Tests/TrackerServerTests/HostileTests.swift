import Experiment
import Foundation
import Glibc
import TestSupport
import Testing
import TrackerClient
import TrackerStore

@testable import TrackerServer

@Suite("Hostile amounts and names", .timeLimit(.minutes(2)))
struct HostileTests {
    @Test("S14: 500 connections that drip do not stop others, and are closed in the end")
    func slowloris() async throws {
        var options = ServerOptions(port: 0)
        options.limits.idleSeconds = 3
        options.limits.bodySeconds = 3
        try await withServer(options: options) { server in
            var heads: [OpenConnection] = []
            for index in 0..<500 {
                // Half of them with half a head, half with half a body.
                let connection =
                    index % 2 == 0
                    ? try OpenConnection(port: server.port, "GET /api/v1/runs HTTP/1.1", finishes: false)
                    : try OpenConnection(
                        port: server.port, "POST /api/v1/sweeps HTTP/1.1", "Content-Type: application/json",
                        "Content-Length: 1000")
                heads.append(connection)
            }
            for _ in 0..<3 {
                let start = ContinuousClock.now
                #expect(try await RawRequest.send("GET", "/api/v1/runs", port: server.port).status == 200)
                #expect(ContinuousClock.now - start < .seconds(2))
            }
            let deadline = ContinuousClock.now + .seconds(30)
            var open = heads
            while !open.isEmpty, ContinuousClock.now < deadline {
                try await Task.sleep(for: .seconds(1))
                open = open.filter { $0.send("x") }
            }
            #expect(open.isEmpty, "\(open.count) are still open")
        }
    }

    @Test("S14: a bomb of JSON and a line that does not end are refused in bounded memory")
    func bombs() async throws {
        try await withServer { server in
            let before = ProcessMemory.resident ?? 0
            let json = ["Content-Type: application/json"]
            for depth in [200, 10_000, 1_000_000] {
                let body = String(repeating: "{\"a\":", count: depth) + "1" + String(repeating: "}", count: depth)
                for path in ["/api/v1/runs/r1/records", "/api/v1/sweeps", "/graphql"] {
                    let answer = try await RawRequest.send("POST", path, port: server.port, headers: json, body: body)
                    #expect((400..<500).contains(answer.status), "\(path) \(depth): \(answer.status)")
                }
            }
            let connection = try OpenConnection(
                port: server.port, "POST /api/v1/runs/r1/records HTTP/1.1", "Content-Type: application/json",
                "Content-Length: 1073741824")
            let line = String(repeating: "x", count: 1 << 20)
            _ = try await blocking { (0..<256).allSatisfy { _ in connection.send(line) } }
            #expect(try await connection.text(until: "too_large").contains("413"))
            #expect((ProcessMemory.resident ?? 0) - before < 200 << 20)
            #expect(try await RawRequest.send("GET", "/health", port: server.port).status == 200)
        }
    }

    static let injections = [
        "'; drop table runs; --", "\" or 1=1 --", "%' or '%'='", "\\", "$1", "a\u{1}b",
        "x' union select hash from tokens --",
        "pg_sleep(10)", "{\"$where\": 1}", "%25", "_",
    ]

    @Test("S7: no text that a client sends becomes SQL", arguments: injections)
    func injection(text: String) async throws {
        try await withServer { server in
            let secret = try await server.store.createToken(name: text.replacing("\u{1}", with: ""), role: .read).secret
            let encoded = text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            let quoted = JSONValue.string(text).canonicalText
            let time = Date(timeIntervalSince1970: 1_790_000_000)
            let run = try #require(RunID(rawValue: "r1"))
            let records: [RunRecord] = [
                .start(
                    RunStart(
                        project: text, name: text, group: text, config: [text: .string(text)], tags: [text], host: text,
                        time: time)),
                .metrics(MetricRow(step: 1, time: time, values: [text: 1])), .summary([text: .string(text)]),
            ]
            _ = try await server.store.ingest(
                run: run,
                IngestRequest(
                    attempt: 1,
                    records: records.enumerated().map { SequencedRecord(sequence: Int64($0) + 1, record: $1) }))
            let json = ["Content-Type: application/json"]
            for path in [
                "/api/v1/runs?project=\(encoded)", "/api/v1/runs?job_type=\(encoded)", "/api/v1/runs?sweep=\(encoded)",
                "/api/v1/runs/r1/history?metrics=\(encoded)", "/api/v1/runs/r1/files?key=\(encoded)",
                "/api/v1/sweeps/\(encoded)", "/api/v1/sweeps?name=\(encoded)", "/api/v1/events?project=a&x=\(encoded)",
                "/api/v1/runs/\(encoded)", "/api/v1/runs?state=\(encoded)", "/api/v1/runs?limit=\(encoded)",
            ] where !path.contains("events") {
                let answer = try await RawRequest.send("GET", path, port: server.port)
                #expect(answer.status == 200 || (400..<500).contains(answer.status), "\(path): \(answer.text)")
                #expect(!answer.text.contains("database_error"))
            }
            let edit = #"{"name":\#(quoted),"notes":\#(quoted),"group":\#(quoted),"tags":[\#(quoted)]}"#
            let changed = try await RawRequest.send(
                "PATCH", "/api/v1/runs/r1", port: server.port, headers: json, body: edit)
            #expect(changed.status == 200)
            let definition = "name: \(quoted)\nproject: \(quoted)\nmethod: grid\nparameters: {seed: {values: [1]}}"
            let sweep = #"{"definition":\#(JSONValue.string(definition).canonicalText),"new":false}"#
            let made = try await RawRequest.send(
                "POST", "/api/v1/sweeps", port: server.port, headers: json, body: sweep)
            #expect(made.status == 201 || made.status == 400, "\(made.text)")

            // Everything is where it was and says what was said.
            let summary = try await server.store.run(run)
            #expect(summary.project == text && summary.name == text && summary.tags == [text])
            #expect(try await server.store.history(run: run).map(\.metric) == [text])
            #expect(try await server.store.tokens().count == 1)
            #expect(try await server.store.token(secret: secret) != nil)
        }
    }

    @Test("S16: files are their owner's alone, and a link planted in the way is refused")
    func planted() async throws {
        try await withServer { server in
            let path = "/api/v1/runs/r1/files/media/a.txt"
            #expect(try await RawRequest.send("PUT", path, port: server.port, body: "x").status == 204)
            let folder = server.home.files + "/r1"
            for (name, mode) in [("", 0o700), ("/media", 0o700), ("/media/a.txt", 0o600)] {
                let attributes = try FileManager.default.attributesOfItem(atPath: folder + name)
                #expect(attributes[.posixPermissions] as? Int == mode, "\(name)")
            }
            let outside = server.home.path + "/outside"
            try FileManager.default.createDirectory(atPath: outside, withIntermediateDirectories: true)
            symlink(outside, folder + "/link")
            symlink(outside, server.home.files + "/r2")
            for path in ["/api/v1/runs/r1/files/link/x", "/api/v1/runs/r2/files/x"] {
                let answer = try await RawRequest.send("PUT", path, port: server.port, body: "x")
                #expect((400..<500).contains(answer.status))
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: outside).isEmpty)

            // A run's log, too: its name is known before it is made.
            symlink(outside + "/stolen", server.home.path + "/log-1.sagalog")
            #expect(throws: TrackerClientError.self) { try RunLog(directory: server.home.path, attempt: 1) }
            _ = try RunLog(directory: server.home.path, attempt: 2)
            let log = try FileManager.default.attributesOfItem(atPath: server.home.path + "/log-2.sagalog")
            #expect(log[.posixPermissions] as? Int == 0o600)
        }
    }
}
