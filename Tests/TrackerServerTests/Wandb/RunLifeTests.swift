import Experiment
import Foundation
import Testing
import TrackerStore

@testable import TrackerServer

@Suite("W&B: runs")
struct RunLifeTests {
    @Test("A run is made once, gets a name, and null leaves everything as it is")
    func upsert() async throws {
        try await withServer { server in
            let client = WandbTestClient(server: server)
            let config = #"{"lr":{"value":0.1},"_wandb":{"value":{"t":{"4":"3.11"},"m":[]}}}"#
            let made = try await client.upsert([
                "config": .string(config), "tags": .array([.string("a")]), "notes": .string("n"), "entity": .null,
                "commit": .string("abc"), "jobRepo": .string("https://user:geheim@host.org/x.git"),
            ])
            #expect(made["inserted"] == .bool(true) && made["bucket"]["displayName"].string?.hasSuffix("-1") == true)
            #expect(made["bucket"]["project"]["entity"]["name"].string == "saga")
            let again = try await client.upsert(["tags": .null, "notes": .null, "displayName": .null, "host": .null])
            #expect(again["inserted"] == .bool(false))
            // A script's edit lacks the client's own part, which must stay.
            try await client.ask(
                "mutation ($id: String!, $c: JSONString!, $name: String) { upsertBucket(input: {id: $id, config: $c, displayName: $name, tags: []}) { bucket { id } } }",
                ["id": made["bucket"]["id"], "c": .string(#"{"lr":{"value":0.2}}"#), "name": .string("mine")])
            let run = try await client.run("displayName tags notes config wandbConfig(keys: [\"t\"]) commit repo state")
            #expect(run["displayName"].string == "mine" && run["tags"] == .array([]) && run["notes"].string == "n")
            let known = try #require(WandbConfig(text: run["config"].string ?? ""))
            #expect(known.config == ["lr": .double(0.2)] && known.client?["t"] != nil)
            #expect(run["wandbConfig"].string == #"{"t":{"4":"3.11"}}"# && run["commit"].string == "abc")
            #expect(run["repo"].string == "https://host.org/x.git" && run["state"].string == "running")
        }
    }

    @Test("Runs of the same name in two projects are two runs")
    func handles() async throws {
        try await withServer { server in
            var ids: Set<String> = []
            for project in ["p", "q", "p"] {
                let made = try await WandbTestClient(server: server, project: project).upsert()
                ids.insert(made["bucket"]["id"].string ?? "")
            }
            let odd = WandbTestClient(server: server, run: "a/b ü")
            ids.insert(try await odd.upsert()["bucket"]["id"].string ?? "")
            #expect(try await odd.run("name")["name"].string == "a/b ü")
            #expect(ids.count == 3 && ids.allSatisfy { RunID(rawValue: $0) != nil })
        }
    }

    @Test("What a client needs to go on with a run is all there, also of a run that has logged nothing")
    func resume() async throws {
        try await withServer { server in
            let client = WandbTestClient(server: server)
            let query = """
                query RunResumeStatus($project: String, $name: String!) { model(name: $project, entityName: null) {
                  name entity { name } bucket(name: $name, missingOk: true) { name summaryMetrics displayName
                  logLineCount historyLineCount eventsLineCount historyTail eventsTail config tags notes
                  wandbConfig(keys: ["t"]) } } }
                """
            func bucket() async throws -> JSONValue {
                try await client.ask(query, ["project": .string("p"), "name": .string("r")])["data"]["model"]["bucket"]
            }
            #expect(try await bucket() == .null)
            try await client.upsert()
            var found = try await bucket()
            #expect(found["wandbConfig"].string == "{}" && found["historyTail"].string == "[]")
            #expect(found["eventsTail"].string == "[]" && found["config"].string == "{}")
            #expect(found["summaryMetrics"].string == "{}" && found["historyLineCount"] == .int(0))
            try await client.history(0, (0..<4).map { FileStreamTests.line($0 * 10) })
            found = try await bucket()
            #expect(found["historyLineCount"] == .int(4))
            let tail = try JSONParser.parse(found["historyTail"].string ?? "").array?.first?.string ?? ""
            #expect(try JSONParser.parse(tail)["_step"] == .int(30))
            // Who begins it anew writes from line 0; who goes on, behind what is there.
            let id = try await client.run("id")["id"]
            #expect(try await client.upsert()["bucket"]["historyLineCount"] == .int(0))
            #expect(try await client.upsert(["id": id])["bucket"]["historyLineCount"] == .int(4))
        }
    }

    @Test("Pages of a history: maxStep is exclusive for rows and inclusive for samples")
    func pages() async throws {
        try await withServer { server in
            let client = WandbTestClient(server: server)
            try await client.history(0, (0..<50).map { FileStreamTests.line($0) })
            let run = try await client.run(
                """
                page: history(minStep: 10, maxStep: 13, samples: 100)
                few: history(minStep: 10, maxStep: 40, samples: 2)
                samples: sampledHistory(specs: [
                    "{\\"keys\\": [\\"_step\\", \\"loss\\", \\"_step\\"], \\"minStep\\": 10, \\"maxStep\\": 13, \\"samples\\": 100}",
                    "{\\"keys\\": [\\"nothing\\"]}"])
                historyKeys parquetHistory(liveKeys: []) { parquetUrls liveData } lines: history(samples: 5)
                """)
            func steps(_ key: String) throws -> [Int64?] {
                try (run[key].array ?? []).map { try JSONParser.parse($0.string ?? "")["_step"].integer }
            }
            #expect(try steps("page") == [10, 11, 12] && steps("few") == [10, 11])
            #expect(try steps("lines").count == 5 && steps("lines").last == 49)
            let samples = run["samples"].array ?? []
            #expect(samples.first?.array?.map { $0["_step"].integer } == [10, 11, 12, 13])
            #expect(samples.first?.array?.first?.object?.keys.sorted() == ["_step", "loss"])
            #expect(samples.last == .array([]))
            #expect(run["historyKeys"]["lastStep"] == .int(49))
            #expect(run["parquetHistory"]["parquetUrls"] == .array([]))
        }
    }

    @Test("Runs of our own clients are read like W&B's")
    func native() async throws {
        try await withServer { server in
            let start = RunStart(project: "p", name: "mine", config: ["lr": .double(0.5)], host: "h", time: Date())
            let rows = (1...5).map { MetricRow(step: Int64($0), time: Date(), values: ["train.loss": 1 / Double($0)]) }
            let records =
                [RunRecord.start(start)] + rows.map { .metrics($0) }
                + [.finish(RunFinish(state: .finished, exitCode: 0, time: Date()))]
            let id = try #require(RunID(rawValue: "r"))
            _ = try await server.store.ingest(
                run: id,
                IngestRequest(
                    attempt: 1,
                    records: records.enumerated().map { SequencedRecord(sequence: Int64($0 + 1), record: $1) }))
            let client = WandbTestClient(server: server)
            #expect(try await client.rows().map { $0["train.loss"].number } == (1...5).map { 1 / Double($0) })
            let run = try await client.run("state displayName config historyLineCount summaryMetrics")
            #expect(run["state"].string == "finished" && run["displayName"].string == "mine")
            #expect(run["config"].string == #"{"lr":{"value":0.5}}"# && run["historyLineCount"] == .int(5))
            // A W&B client that uses the same id goes on in an attempt of its own.
            try await client.history(0, [FileStreamTests.line(100)])
            #expect(try await client.rows().count == 6)
        }
    }

    @Test("Lists of runs are filtered, ordered and paged by cursor")
    func lists() async throws {
        try await withServer { server in
            for number in 0..<5 {
                let client = WandbTestClient(server: server, run: "r\(number)")
                try await client.upsert(["config": .string(#"{"n":{"value":\#(number)}}"#)])
            }
            let query = """
                query ($f: JSONString, $o: String, $c: String) { project(name: "p") { internalId runCount(filters: $f)
                  runs(filters: $f, order: $o, after: $c, first: 2) { edges { node { name } cursor } pageInfo { hasNextPage } } } }
                """
            func names(_ filter: String, _ order: String) async throws -> [String] {
                var (names, cursor) = ([String](), JSONValue.null)
                for _ in 0..<9 {
                    let answer = try await WandbTestClient(server: server).ask(
                        query, ["f": .string(filter), "o": .string(order), "c": cursor])
                    let runs = answer["data"]["project"]["runs"]
                    names += runs["edges"].array?.compactMap { $0["node"]["name"].string } ?? []
                    cursor = runs["edges"].array?.last?["cursor"] ?? .null
                    if runs["pageInfo"]["hasNextPage"] != .bool(true) { break }
                }
                return names
            }
            #expect(try await names("{}", "+created_at") == ["r0", "r1", "r2", "r3", "r4"])
            #expect(try await names("{}", "-config.n.value") == ["r4", "r3", "r2", "r1", "r0"])
            #expect(try await names(#"{"config.n": {"$gte": 3}}"#, "") == ["r3", "r4"])
            let bad = try await WandbTestClient(server: server).ask(query, ["f": .string(#"{"$where": 1}"#)])
            #expect(bad["errors"].array?.isEmpty == false)
        }
    }

    @Test("What the server does not know is null, what it cannot do is said, and telemetry is not wanted")
    func unknown() async throws {
        try await withServer { server in
            let client = WandbTestClient(server: server)
            #expect(
                try await client.ask("{ entity(name: \"x\") { organization { id } } }").text
                    == #"{"data":{"entity":null}}"#)
            #expect(try await client.ask("{ project(name: \"none\") { id } }")["data"]["project"] == .null)
            let refused = try await client.ask("mutation { launchRockets(input: {}) { success } }")
            #expect(refused["errors"].array?.first?["message"].string?.contains("launchRockets") == true)
            for path in ["/sdk/otel/v1/metrics", "/sdk/otel/v1/logs"] {
                #expect(try await RawRequest.send("POST", path, port: server.port).status == 404)
            }
        }
    }

    @Test("Alerts are kept, and deleting a run takes it away")
    func alertAndDelete() async throws {
        try await withServer { server in
            let client = WandbTestClient(server: server)
            let id = try await client.upsert()["bucket"]["id"]
            let alert = try await client.ask(
                "mutation { notifyScriptableRunAlert(input: {projectName: \"p\", runName: \"r\", title: \"t\", text: \"x\", severity: WARN}) { success } }"
            )
            #expect(alert["data"]["notifyScriptableRunAlert"]["success"] == .bool(true))
            let run = try #require(RunID(rawValue: id.string ?? ""))
            #expect(try await server.store.alerts(run: run).map(\.level) == ["WARN"])
            try await client.ask("mutation ($id: ID!) { deleteRun(input: {id: $id}) { clientMutationId } }", ["id": id])
            #expect(
                try await client.ask("{ project(name: \"p\") { run(name: \"r\") { id } } }")["data"]["project"] == .null
            )
        }
    }

    @Test("S9: names with HTML or escape sequences are plain text on the pages that clients print")
    func pagesOfRuns() async throws {
        try await withServer { server in
            try await WandbTestClient(server: server).upsert([
                "displayName": .string("<script>alert(1)</script>\u{1B}[31m")
            ])
            for path in ["/saga/p", "/saga/p/runs/r"] {
                let answer = try await RawRequest.send("GET", path, port: server.port)
                #expect(answer.status == 200 && !answer.body.contains("\u{1B}"))
                #expect(answer.text.lowercased().contains("content-type: text/plain"))
                #expect(answer.text.lowercased().contains("x-content-type-options: nosniff"))
            }
            #expect(try await RawRequest.send("GET", "/saga/p/runs/none", port: server.port).status == 404)
        }
    }
}
