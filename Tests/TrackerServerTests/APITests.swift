import Experiment
import Foundation
import Testing
import TrackerClient

@testable import TrackerServer

@Suite("API")
struct APITests {
    @Test("What is no request of ours is refused with a code and a sentence")
    func badRequests() async throws {
        try await withServer { server in
            let json = "Content-Type: application/json"
            let records = "/api/v1/runs/r1/records"
            let table: [(method: String, path: String, headers: [String], body: String, status: Int, code: String)] = [
                ("GET", "/nothing", [], "", 404, "unknown_path"),
                ("GET", "/api/v1/nothing", [], "", 404, "unknown_path"),
                ("POST", records, [], "{}", 415, "not_json"),
                ("POST", records, ["Content-Type: text/plain"], "{}", 415, "not_json"),
                ("POST", records, [json], "", 400, "bad_message"),
                ("POST", records, [json], "[1", 400, "bad_message"),
                ("POST", records, [json], "{\"attempt\":\"x\",\"records\":[]}", 400, "bad_message"),
                ("POST", records, [json], String(repeating: "[", count: 100_000), 400, "bad_message"),
                (
                    "POST", records, [json], "{\"attempt\":1,\"records\":[{\"sequence\":1,\"record\":{}}]}", 400,
                    "bad_message"
                ),
                ("POST", "/api/v1/runs/.hidden/records", [json], "{}", 400, "bad_run_id"),
                ("POST", "/api/v1/runs/a%2Fb/records", [json], "{}", 400, "bad_run_id"),
                ("GET", "/api/v1/sweeps/none", [], "", 404, "unknown_sweep"),
                ("GET", "/api/v1/sweeps/%27%3B%20drop%20table%20runs", [], "", 404, "unknown_sweep"),
                ("GET", "/api/v1/sweeps/%zz", [], "", 400, "bad_path"),
                ("GET", "/api/v1/runs?state=happy", [], "", 400, "invalid_query"),
                ("GET", "/api/v1/runs/r1/files/none.png", [], "", 404, "unknown_file"),
            ]
            for row in table {
                let answer = try await RawRequest.send(
                    row.method, row.path, port: server.port, headers: row.headers, body: row.body)
                #expect(answer.status == row.status, "\(row.method) \(row.path) \(row.body.prefix(40))")
                #expect(answer.text.contains("\"code\":\"\(row.code)\""), "\(row.path): \(answer.text)")
            }
        }
    }

    @Test("A message longer than the limit is refused")
    func tooLong() async throws {
        try await withServer { server in
            let client = TestClient(address: server.address)
            let body = Data(repeating: 0x20, count: (8 << 20) + 1)
            let answer = try await client.send(.post, "/api/v1/sweeps", body: body)
            #expect(answer.status == 413)
        }
    }

    @Test("A small request takes less than 20 ms, far from the 40 ms of a stalled packet")
    func latency() async throws {
        try await withServer { server in
            let times = try await blocking {
                let client = try HTTPClient(address: server.address)
                return try (0..<20).map { _ in
                    try ContinuousClock().measure { _ = try client.send(.get, "/health") }
                }
            }
            // The quickest: a stall would be in every one, a busy machine is not.
            #expect(try #require(times.min()) < .milliseconds(20))
        }
    }

    @Test("A sweep is made, claimed, reported and continued")
    func sweep() async throws {
        try await withServer { server in
            let client = SweepClient(address: server.address)
            let definition = """
                name: tiny
                project: demo
                method: grid
                metric: {name: loss, goal: minimize}
                parameters:
                  seed: {values: [0, 1]}
                """
            let created = try await client.create(CreateSweepRequest(definition: definition, file: "tiny.yaml"))
            #expect(created.created && created.sweep.trials == 2)
            #expect(try await !client.create(CreateSweepRequest(definition: definition)).created)
            #expect(try await client.sweep("tiny").id == created.sweep.id)
            #expect(try await client.sweeps(name: "tiny").count == 1)
            #expect(try await client.sweeps(name: "other").isEmpty)

            let identity = ProcessIdentity(host: "h", pid: 1, startTicks: 1)
            let request = ClaimRequest(claimant: identity, leaseSeconds: 60)
            var claims: [StageClaim] = []
            while let claim = try await client.claim(sweep: created.sweep.id, request) { claims.append(claim) }
            #expect(Set(claims.map(\.stageKey)) == Set(try await client.stages(sweep: "tiny").map(\.key)))

            let claim = try #require(claims.first)
            let stale = StageReport(fence: claim.fence - 1, event: .heartbeat(leaseSeconds: 60))
            let error = await #expect(throws: TrackerClientError.self) {
                try await client.report(sweep: created.sweep.id, stageKey: claim.stageKey, stale)
            }
            #expect(error?.code == "stale_fence" && error?.status == 409)
            let answer = try await client.report(
                sweep: created.sweep.id, stageKey: claim.stageKey, StageReport(fence: claim.fence, event: .succeeded))
            #expect(answer.claim == nil)
            #expect(try await client.sweep("tiny").stages.done == 1)
        }
    }

    @Test("A definition with a mistake is refused with the place of the mistake")
    func badDefinition() async throws {
        try await withServer { server in
            let client = SweepClient(address: server.address)
            let error = await #expect(throws: TrackerClientError.self) {
                try await client.create(
                    CreateSweepRequest(definition: "method: grid\nparametres: {}\n", file: "x.yaml"))
            }
            #expect(error?.status == 400)
            #expect(error?.description.hasPrefix("x.yaml:2:1") == true)
        }
    }
}
