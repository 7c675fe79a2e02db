import CZlib
import Experiment
import Foundation
import HTTPTypes
import Testing
import TrackerClient

@testable import TrackerServer

@Suite("W&B: too much")
struct FileStreamExhaustionTests {
    @Test(
        "S14: a report with keys, values or lines without measure is kept as far as it can be, and the server lives on")
    func reports() async throws {
        try await withServer { server in
            let client = WandbTestClient(server: server)
            let many = "{" + (0..<30_000).map { "\"k\($0)\":\($0)" }.joined(separator: ",") + "}"
            let lines = [
                "{\"\(String(repeating: "k", count: 1_000_000))\":1,\"_step\":0}",
                "{\"a\":" + String(repeating: "[", count: 10_000) + "}", many,
                "{\"text\":\"\(String(repeating: "x", count: 2_000_000))\"}",
            ]
            for (number, line) in lines.enumerated() {
                let report = WandbTestClient.file("wandb-history.jsonl", number, [line])
                #expect(try await client.stream(report).status == 200)
            }
            let rows = try await client.rows()
            #expect(rows.count == 4)
            #expect(rows[0].object?.contains { $0.key.hasPrefix("kkk") && $0.value == .int(1) } == true)
            #expect(rows[1]["_line"].string?.hasPrefix("{\"a\":[[[") == true)
            #expect(rows[2]["_dropped"].string?.contains("of 30000") == true && rows[2].object?.count ?? 0 > 9_000)
            #expect(rows[3]["text"].string?.hasSuffix("(cut: it had 2000000 bytes)") == true)
            try await client.stream(WandbTestClient.file("wandb-summary.json", 0, [many]))
            try await client.stream(WandbTestClient.file("output.log", 0, [String(repeating: "y", count: 3_000_000)]))
            #expect(
                try await client.run("logLines(first: 1) { edges { node { line } } }")["logLines"]["edges"].array?.count
                    == 1)
            #expect(try await client.run("state")["state"].string == "running")
        }
    }

    @Test("S14: bodies that nobody can use are refused")
    func bodies() async throws {
        try await withServer { server in
            let deep = String(repeating: "[", count: 100_000)
            let path = "/files/saga/p/r/file_stream"
            let table: [(path: String, body: String, headers: [String], status: Int)] = [
                (path, deep, [], 400), (path, "{", [], 400), (path, "x", ["Content-Encoding: gzip"], 400),
                (path, "x", ["Content-Encoding: br"], 415), ("/graphql", deep, [], 400), ("/graphql", "{}", [], 400),
                ("/graphql", "{\"query\":1}", [], 400), ("/graphql", "", [], 400),
            ]
            for row in table {
                let answer = try await RawRequest.send(
                    "POST", row.path, port: server.port, headers: row.headers, body: row.body)
                #expect(answer.status == row.status, "\(row.path) \(row.body.prefix(20)) \(row.headers)")
            }
            #expect(try await TestClient(address: server.address).send(.get, "/health").status == 200)
        }
    }

    @Test("S14: a gzip bomb is unpacked to its limit and no further")
    func bomb() throws {
        let bomb = Self.gzip([UInt8](repeating: 0, count: 4 << 20))
        #expect(bomb.count < 10_000)
        #expect(try ContentCoding.gunzip(bomb, upTo: 4 << 20).count == 4 << 20)
        let error = #expect(throws: APIError.self) { try ContentCoding.gunzip(bomb, upTo: 1 << 20) }
        #expect(error?.status == .contentTooLarge)
        for end in [0, 1, 10, bomb.count - 1] {
            #expect(throws: APIError.self) { try ContentCoding.gunzip(Array(bomb[..<end]), upTo: 8 << 20) }
        }
    }

    private static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        var stream = z_stream()
        deflateInit2_(
            &stream, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        defer { deflateEnd(&stream) }
        var (input, output) = (bytes, [UInt8](repeating: 0, count: bytes.count + 1024))
        let capacity = output.count
        return input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                deflate(&stream, Z_FINISH)
                return Array(output.prefix(capacity - Int(stream.avail_out)))
            }
        }
    }
}
