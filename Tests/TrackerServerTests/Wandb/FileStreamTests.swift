import Experiment
import Foundation
import Testing
import TrackerStore

@testable import TrackerServer

@Suite("W&B: file_stream")
struct FileStreamTests {
    static func line(_ step: Int, _ value: String = "0.5", time: Double? = nil) -> String {
        #"{"_step":\#(step),"_timestamp":\#(time ?? 1_790_000_000.25 + Double(step)),"_runtime":1.5,"loss":\#(value)}"#
    }

    static func steps(_ rows: [JSONValue]) -> [Int64] { rows.compactMap { $0["_step"].integer } }

    @Test("A report that comes twice, or overlaps, is stored once")
    func replay() async throws {
        try await withServer { server in
            let client = WandbTestClient(server: server)
            try await client.upsert()
            let first = (0..<10).map { Self.line($0) }
            // The answer was lost: the client sends the same again, then goes on, then sends everything (sync).
            for _ in 0..<2 { #expect(try await client.history(0, first) == 200) }
            #expect(try await client.history(10, (10..<15).map { Self.line($0) }) == 200)
            #expect(try await client.history(8, (8..<17).map { Self.line($0) }) == 200)
            #expect(try await client.history(0, (0..<20).map { Self.line($0) }) == 200)
            let rows = try await client.rows()
            #expect(Self.steps(rows) == Array(0..<20))
            let counts = try await client.run("historyLineCount id")
            #expect(counts["historyLineCount"] == .int(20))
            let id = try #require(RunID(rawValue: counts["id"].string ?? ""))
            #expect(try await server.store.history(run: id, metrics: ["loss"]).count == 20)
        }
    }

    @Test("Lines that come before those in front of them fill their places later")
    func gap() async throws {
        try await withServer { server in
            let client = WandbTestClient(server: server)
            try await client.history(5, (5..<10).map { Self.line($0) })
            try await client.history(0, (0..<10).map { Self.line($0) })
            #expect(try await Self.steps(client.rows()) == Array(0..<10))
        }
    }

    @Test("Other rows at lines that are taken begin a new attempt, and the old ones stay in the record")
    func overwritten() async throws {
        try await withServer { server in
            let client = WandbTestClient(server: server)
            try await client.history(0, (0..<10).map { Self.line($0, "1") })
            try await client.history(0, (0..<3).map { Self.line($0, "2", time: 1_800_000_000 + Double($0)) })
            try await client.history(3, [Self.line(3, "2", time: 1_800_000_003)])
            let values = try await client.rows().compactMap { $0["loss"].integer }
            #expect(values == [2, 2, 2, 2, 1, 1, 1, 1, 1, 1])
            #expect(try await client.run("historyLineCount")["historyLineCount"] == .int(4))
            let id = try #require(RunID(rawValue: "r"))
            let points = try await server.store.history(run: id, metrics: ["loss"])
            #expect(points.map(\.value) == Array(repeating: 1, count: 10) + Array(repeating: 2, count: 4))
            #expect(Set(points.map(\.attempt)) == [1, 2])
        }
    }

    @Test("S15: numbers that JSON does not have, large integers, texts and structures come back")
    func values() async throws {
        try await withServer { server in
            let client = WandbTestClient(server: server)
            let row =
                #"{"_step":0,"_timestamp":1.79e9,"a":NaN,"b":Infinity,"c":-Infinity,"d":{"e":{"f":1.25},"g":"text"},"#
                + #""h":9007199254740993,"i":18446744073709551615,"j":[1,{"k":null}],"l":true,"m":null,"n":-0.0,"#
                + #""o":5e-324,"p":{"_type":"image-file","path":"media/x.png"},"q":{},"r":"null: \u0000"}"#
            #expect(try await client.history(0, [row, "no JSON {", Self.line(9_223_372_036_854_775_807)]) == 200)
            let rows = try await client.rows()
            #expect(rows.count == 3)
            let first = rows[0]
            #expect(first["a"].string == "NaN" && first["b"].string == "Infinity" && first["c"].string == "-Infinity")
            #expect(first["d.e.f"] == .double(1.25) && first["d.g"].string == "text")
            #expect(first["h"] == .int(9_007_199_254_740_993) && first["i"].string == "18446744073709551615")
            #expect(first["j"].text == #"[1,{"k":null}]"# && first["l"] == .bool(true))
            #expect(first["p"]["path"].string == "media/x.png" && first["r"].string == "null: \u{FFFD}")
            #expect(first["o"] == .double(.leastNonzeroMagnitude) && first["n"].number?.sign == .minus)
            #expect(rows[1]["_line"].string == "no JSON {" && rows[1]["_step"] == .int(1))
            #expect(rows[2]["_step"] == .int(.max))
        }
    }

    @Test("Summary, console lines and system metrics: the last word counts")
    func otherFiles() async throws {
        try await withServer { server in
            let client = WandbTestClient(server: server)
            try await client.stream(WandbTestClient.file("wandb-summary.json", 0, [#"{"a":1,"b":NaN}"#]))
            try await client.stream(WandbTestClient.file("wandb-summary.json", 0, [#"{"a":{"min":2},"c":3}"#]))
            let lines = [
                "2026-11-22T19:40:56.910312 one", "ERROR 2026-11-22T19:40:57.000001 two", "2026-11-22T19:40:58 0%",
            ]
            try await client.stream(WandbTestClient.file("output.log", 0, lines))
            try await client.stream(
                WandbTestClient.file(
                    "output.log", 2,
                    [
                        "2026-11-22T19:40:59.5 100%",
                        #"{"ts":"2026-11-22T20:10:30.5","content":"x","level":"error","label":"w"}"#,
                    ]))
            let event = #"{"_wandb":true,"_timestamp":1.79e9,"_runtime":1,"system.cpu":12.5}"#
            for _ in 0..<2 { try await client.stream(WandbTestClient.file("wandb-events.jsonl", 0, [event])) }
            let run = try await client.run(
                "summaryMetrics systemMetrics logLineCount events(samples: 9) logLines(first: 9) { edges { node { number level line label timestamp } } }"
            )
            #expect(
                run["summaryMetrics"].string.flatMap { try? JSONParser.parse($0) }
                    == .object(["a": .object(["min": .int(2)]), "c": .int(3)]))
            #expect(run["events"].array?.count == 1 && run["systemMetrics"].string?.contains("12.5") == true)
            let nodes = run["logLines"]["edges"].array?.map { $0["node"] } ?? []
            #expect(nodes.map { $0["line"].string } == ["one", "two", "100%", "x"])
            #expect(nodes.map { $0["level"].string } == ["", "error", "", "error"] && nodes[3]["label"].string == "w")
            #expect(nodes[0]["timestamp"].string?.hasPrefix("2026-11-22T19:40:56.91") == true)
            #expect(run["logLineCount"] == .int(4))
        }
    }

    @Test("A run is running while it is heard of, crashed when it is not, and running again when it is heard of again")
    func life() async throws {
        try await withServer { server in
            let client = WandbTestClient(server: server)
            func state() async throws -> String? { try await client.run("state")["state"].string }
            // Unknown to the server, which has lost it, say.
            #expect(try await client.stream(.object([:])).status == 200)
            #expect(try await state() == "running")
            #expect(try await server.store.settleVanishedRuns(after: 3600).isEmpty)
            #expect(try await server.store.settleVanishedRuns(after: -1).map(\.rawValue) == ["r"])
            #expect(try await state() == "crashed")
            try await client.history(0, [Self.line(0)])
            #expect(try await state() == "running")
            for (code, wanted) in [(3, "failed"), (0, "finished")] as [(Int64, String)] {
                try await client.stream(.object(["complete": .bool(true), "exitcode": .int(code)]))
                #expect(try await state() == wanted)
            }
            #expect(try await server.store.settleVanishedRuns(after: -1).isEmpty)
        }
    }

    @Test("A stop is told until the run begins anew; a run that ends after it was killed")
    func stop() async throws {
        try await withServer { server in
            let client = WandbTestClient(server: server)
            let id = try await client.upsert()["bucket"]["id"]
            #expect(try await client.stream(.object([:])).answer["stopped"] == .bool(false))
            let stopped = try await client.ask(
                "mutation ($id: ID!) { stopRun(input: {id: $id}) { success } }", ["id": id])
            #expect(stopped["data"]["stopRun"]["success"] == .bool(true))
            #expect(try await client.stream(.object([:])).answer["stopped"] == .bool(true))
            #expect(try await client.run("stopped")["stopped"] == .bool(true))
            try await client.stream(.object(["complete": .bool(true), "exitcode": .int(255)]))
            #expect(try await client.run("state")["state"].string == "killed")
            try await client.upsert(["id": id])
            #expect(try await client.stream(.object([:])).answer["stopped"] == .bool(false))
            #expect(try await client.run("state")["state"].string == "running")
        }
    }

    @Test("F5, F18: a hundred clients that all come back at once lose nothing and store nothing twice")
    func stampede() async throws {
        try await withServer { server in
            let lines = (0..<20).map { Self.line($0) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        let client = WandbTestClient(server: server, run: "r\(number % 50)")
                        // Two of each, and each sends twice: answers were lost.
                        for _ in 0..<2 {
                            let status = try await client.history(0, lines)
                            #expect(status == 200)
                        }
                    }
                }
                try await group.waitForAll()
            }
            for number in 0..<50 {
                let id = try #require(RunID(rawValue: "r\(number)"))
                #expect(try await server.store.history(run: id, metrics: ["loss"]).map(\.step) == Array(0..<20))
            }
        }
    }
}
