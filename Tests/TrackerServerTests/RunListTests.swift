import Experiment
import Foundation
import HTTPTypes
import Testing
import TrackerStore

@testable import TrackerServer

@Suite("The list of runs over HTTP")
struct RunListTests {
    @Test(
        "Orders, filters and conditions select as the words say",
        arguments: [
            ("", ["c", "b", "a"]),
            ("?order=summary.loss", ["b", "c", "a"]),
            ("?order=-summary.loss&limit=2", ["a", "c"]),
            ("?where=config.lr%3C0.5", ["b", "a"]),
            ("?where=tags%3Deven%20and%20summary.loss%3E1", ["a"]),
            ("?filter=%7B%22config.lr%22%3A%7B%22%24gte%22%3A0.5%7D%7D", ["c"]),
            ("?project=other", []),
        ] as [(String, [String])])
    func selection(query: String, expected: [String]) async throws {
        try await withServer { server in
            try await fill(server)
            #expect(try await ids(server, query).runs == expected)
        }
    }

    @Test("Pages follow one another by the cursor, in any order", arguments: ["created", "summary.loss"])
    func pages(order: String) async throws {
        try await withServer { server in
            try await fill(server)
            let whole = try await ids(server, "?order=\(order)").runs
            var (runs, cursor): ([String], String?) = ([], nil)
            repeat {
                let page = try await ids(server, "?order=\(order)&limit=1" + (cursor.map { "&after=\($0)" } ?? ""))
                runs += page.runs
                cursor = page.next
            } while cursor != nil
            #expect(runs == whole && whole.count == 3)
        }
    }

    @Test(
        "What is no condition, filter, order or cursor is refused with a sentence",
        arguments: ["where=config.lr%3C", "filter=%7B", "order=what", "after=x"])
    func refusals(query: String) async throws {
        try await withServer { server in
            let answer = try await RawRequest.send("GET", "/api/v1/runs?\(query)", port: server.port)
            #expect(answer.status == 400, "\(answer.text)")
            #expect(answer.body.contains("\"message\""))
        }
    }

    private func fill(_ server: RunningServer) async throws {
        for (name, loss, lr, tag) in [("a", 3.0, 0.1, "even"), ("b", 1.0, 0.2, "even"), ("c", 2.0, 0.5, "odd")] {
            let start = RunStart(
                project: "p", config: ["lr": .double(lr)], tags: [tag], host: "h", time: Date(timeIntervalSince1970: 1))
            let row = MetricRow(step: 1, time: Date(timeIntervalSince1970: 2), values: ["loss": loss])
            let id = try #require(RunID(rawValue: name))
            _ = try await server.store.ingest(
                run: id,
                IngestRequest(
                    attempt: 1,
                    records: [
                        SequencedRecord(sequence: 1, record: .start(start)),
                        SequencedRecord(sequence: 2, record: .metrics(row)),
                    ]))
        }
    }

    private func ids(_ server: RunningServer, _ query: String) async throws -> (runs: [String], next: String?) {
        let answer = try await RawRequest.send("GET", "/api/v1/runs\(query)", port: server.port)
        let runs = try JSONCoding.decode([RunSummary].self, from: Data(answer.body.utf8))
        let next = answer.text.firstMatch(of: /(?i)next-cursor: (\S+)/).map { String($0.1) }
        return (runs.map(\.id.rawValue), next)
    }
}
