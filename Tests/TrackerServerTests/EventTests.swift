import Experiment
import Foundation
import Glibc
import Testing
import TrackerClient
import TrackerStore

@testable import TrackerServer

@Suite("Server-sent events", .timeLimit(.minutes(1)))
struct EventTests {
    @Test("A follower hears what changes, also after it was away, and a stranger's number starts it anew")
    func follow() async throws {
        try await withServer { server in
            let first = try OpenConnection(port: server.port, "GET /api/v1/events HTTP/1.1")
            #expect(try await first.text(until: "retry: 2000").contains("text/event-stream"))
            try await log(server, run: "r1", project: "a", from: 1)
            let text = try await first.text(until: "\"run\":\"r1\"")
            #expect(
                text.contains(
                    #"data: {"changed":["points","settings","state","summary"],"project":"a","run":"r1","step":1}"#))
            let id = try #require(text.firstMatch(of: /id: (\S+)/)?.1)
            first.close()

            try await log(server, run: "r1", project: "a", from: 3)
            let second = try OpenConnection(
                port: server.port, "GET /api/v1/events HTTP/1.1", "Last-Event-ID: \(id)")
            #expect(try await second.text(until: "\"step\":3").contains("\"run\":\"r1\""))
            let third = try OpenConnection(port: server.port, "GET /api/v1/events HTTP/1.1", "Last-Event-ID: other-7")
            #expect(try await third.text(until: "data: {}").contains("event: reset"))
        }
    }

    @Test("Whoever follows hears that a sweep's stages or state have changed, and that a heartbeat is nothing new")
    func sweeps() async throws {
        try await withServer { server in
            let client = SweepClient(address: server.address)
            let answer = try await client.create(
                CreateSweepRequest(definition: "method: grid\nprogram: x\nparameters: {a: {value: 1}}", file: "s.yaml"))
            let sweep = answer.sweep.id
            let follower = try OpenConnection(port: server.port, "GET /api/v1/events HTTP/1.1")
            _ = try await follower.text(until: "retry")
            let me = ProcessIdentity(host: "h", pid: 1, startTicks: 1)
            let request = ClaimRequest(claimant: me, leaseSeconds: 60)
            let claim = try #require(try await client.claim(sweep: sweep, request))
            let first = try await follower.text(until: "data: ")
            #expect(first.contains("event: sweep") && first.contains(#"data: {"project":"saga","sweep":"\#(sweep)"}"#))
            let before = server.store.changes.newest
            _ = try await client.report(
                sweep: sweep, stageKey: claim.stageKey,
                StageReport(fence: claim.fence, event: .heartbeat(leaseSeconds: 60)))
            #expect(try await client.claim(sweep: sweep, request) == nil)
            #expect(server.store.changes.newest == before)
            _ = try await client.report(
                sweep: sweep, stageKey: claim.stageKey, StageReport(fence: claim.fence, event: .succeeded))
            let all = try await follower.text(until: "-\(before + 1)\n")
            #expect(all.components(separatedBy: "event: sweep").count == 1 + 2, "\(all)")
        }
    }

    @Test("A follower of a project hears of no other")
    func projects() async throws {
        try await withServer { server in
            let follower = try OpenConnection(port: server.port, "GET /api/v1/events?project=a HTTP/1.1")
            _ = try await follower.text(until: "retry")
            try await log(server, run: "secret", project: "b", from: 1)
            try await log(server, run: "r1", project: "a", from: 1)
            #expect(try await !follower.text(until: "\"run\":\"r1\"").contains("secret"))
        }
    }

    @Test("Runs of W&B's clients are heard of too, and a report that comes twice counts its points once")
    func client() async throws {
        try await withServer { server in
            let follower = try OpenConnection(port: server.port, "GET /api/v1/events HTTP/1.1")
            _ = try await follower.text(until: "retry")
            let client = WandbTestClient(server: server)
            for _ in 0..<2 {
                #expect(
                    try await client.history(0, [#"{"_step":7,"_timestamp":1790000000,"loss":1,"text":"a"}"#]) == 200)
            }
            #expect(try await follower.text(until: "\"step\":7").contains("points"))
            #expect(server.store.changes.points == 1)
        }
    }

    @Test("S14: of a thousand followers as many are served as there are places, and everybody else too")
    func thousand() async throws {
        try await withServer { server in
            let before = ProcessMemory.resident ?? 0
            var connections: [OpenConnection] = []
            for _ in 0..<1000 {
                connections.append(try OpenConnection(port: server.port, "GET /api/v1/events HTTP/1.1"))
            }
            var (served, refused) = (0, 0)
            for connection in connections {
                let head = try await connection.text(until: "\r\n")
                if head.hasPrefix("HTTP/1.1 200") { served += 1 }
                if head.hasPrefix("HTTP/1.1 503") { refused += 1 }
            }
            #expect(served == 256 && refused == 744)
            let start = ContinuousClock.now
            #expect(try await RawRequest.send("GET", "/api/v1/runs", port: server.port).status == 200)
            #expect(ContinuousClock.now - start < .seconds(2))
            #expect((ProcessMemory.resident ?? 0) - before < 100 << 20)
            for connection in connections { connection.close() }
            // Their places are free again.
            let deadline = ContinuousClock.now + .seconds(20)
            while ContinuousClock.now < deadline {
                let metrics = try await RawRequest.send("GET", "/metrics", port: server.port).body
                if metrics.contains("saga_event_followers 0\n") { return }
                try await Task.sleep(for: .milliseconds(100))
            }
            Issue.record("places are still taken")
        }
    }

    @Test("A server that stops ends its streams and finishes what is open")
    func stop() async throws {
        let left = try await withServer { server in
            let follower = try OpenConnection(port: server.port, "GET /api/v1/events HTTP/1.1")
            _ = try await follower.text(until: "retry")
            return follower
        }
        // withServer has returned, and so the server ended although somebody was following.
        left.close()
    }

    private func log(_ server: RunningServer, run: String, project: String, from sequence: Int64) async throws {
        let time = Date(timeIntervalSince1970: 1_790_000_000)
        let records: [RunRecord] = [
            .start(RunStart(project: project, host: "h", time: time)),
            .metrics(MetricRow(step: sequence, time: time, values: ["loss": 1])),
        ]
        _ = try await server.store.ingest(
            run: try #require(RunID(rawValue: run)),
            IngestRequest(
                attempt: 1,
                records: records.enumerated().map { SequencedRecord(sequence: sequence + Int64($0), record: $1) }))
    }
}
