import Experiment
import Foundation
import Testing
import TrackerClient
import TrackerStore

@testable import TrackerServer

@Suite("Sweeps of W&B's clients", .timeLimit(.minutes(1)))
struct SweepResolverTests {
    private let upsert = """
        mutation UpsertSweep($config: String, $id: ID, $state: String, $project: String) {
          upsertSweep(input: {config: $config, id: $id, state: $state, projectName: $project}) {
            sweep { id name state project { name entity { name } } } configValidationWarnings
          }
        }
        """
    private let grid =
        "method: grid\nprogram: train.py\nparameters: {a: {values: [1.0, 2]}, o: {parameters: {k: {value: x}}}}"
    private let beat = """
        mutation Heartbeat($id: ID!, $runState: JSONString) {
          agentHeartbeat(input: {id: $id, metrics: "{}", runState: $runState}) { agent { id } commands }
        }
        """

    private func agent(_ graphql: GraphQLClient, _ sweep: JSONValue) async throws -> JSONValue {
        let answer = try await graphql.send(
            "mutation($s: String!) { createAgent(input: {host: \"h\", sweep: $s}) { agent { id } } }", ["s": sweep])
        return try #require(answer.data?.at("createAgent", "agent", "id"))
    }

    @Test("A run is handed out with its values, its program and a run that waits for it")
    func handOut() async throws {
        try await withServer { server in
            let graphql = GraphQLClient(client: TestClient(address: server.address))
            let created = try await graphql.send(upsert, ["config": .string(grid), "project": .string("p")])
            #expect(created.data?.at("upsertSweep", "configValidationWarnings") == .array([]))
            #expect(created.data?.at("upsertSweep", "sweep", "state") == .string("RUNNING"))
            let sweep = try #require(created.data?.at("upsertSweep", "sweep", "id"))
            let agent = try await agent(graphql, sweep)
            let answer = try await graphql.send(beat, ["id": agent, "runState": .string("{}")])
            let text = try #require(answer.data?.at("agentHeartbeat", "commands")?.string)
            // As the file has it: the client makes '--a=1.0' of it.
            #expect(text.contains(#""a":{"value":1.0}"#), "\(text)")
            let command = try #require(try JSONParser.parse(text).at("0"))
            #expect(command.at("type") == .string("run") && command.at("program") == .string("train.py"))
            #expect(command.at("args", "a", "value") == .double(1))
            #expect(command.at("args", "o", "value", "k") == .string("x"))
            let handle = try #require(command.at("run_id")?.string.flatMap(RunID.init))
            let run = try await server.store.run(handle)
            #expect(run.state == .pending && run.sweep == sweep.string)
            #expect(run.config == ["a": .int(1), "o": .object(["k": .string("x")])])
            let seen = try await graphql.send(
                """
                query($s: String!) { project(name: "p") { totalSweeps sweep(sweepName: $s) {
                  method config runCount runCountExpected runs { edges { node { name state } } } } } }
                """, ["s": sweep])
            #expect(seen.data?.at("project", "sweep", "runCountExpected") == .int(2))
            #expect(seen.data?.at("project", "sweep", "config") == .string(grid))
            #expect(
                seen.data?.at("project", "sweep", "runs", "edges", "0", "node", "state") == .string("pending"))
        }
    }

    @Test("A definition that cannot be used is refused at its place, with status 200")
    func badDefinition() async throws {
        try await withServer { server in
            let graphql = GraphQLClient(client: TestClient(address: server.address))
            for (config, message) in [
                ("method: grid", "sweep config:1:1: a sweep needs the key 'parameters'"),
                ("method: grid\nparameters: {a: {min: 0.0, max: 1.0}}", "sweep config:2:17: parameter 'a' is uniform"),
                ("method: bayes\nmetric: {name: m}\nparameters: {a: {value: 1}}", "sweep config:3:1: every parameter"),
                (grid + "\nstages: [{name: train}]", "agents run one program a trial"),
            ] {
                let answer = try await graphql.send(upsert, ["config": .string(config)])
                #expect(answer.status == 200 && answer.data?.at("upsertSweep") == .null)
                #expect(answer.errors.first?.hasPrefix(message) == true, "\(answer.errors)")
            }
            let warned = try await graphql.send(
                upsert,
                ["config": .string("method: random\nparameters: {a: {distribution: log_uniform, min: -3, max: 0}}")])
            #expect(warned.data?.at("upsertSweep", "configValidationWarnings")?.array?.count == 1)
        }
    }

    @Test("An agent of a deleted sweep gets status 404, by which it knows")
    func deletedSweep() async throws {
        try await withServer { server in
            let graphql = GraphQLClient(client: TestClient(address: server.address))
            let created = try await graphql.send(upsert, ["config": .string(grid)])
            let sweep = try #require(created.data?.at("upsertSweep", "sweep", "id"))
            let agent = try await agent(graphql, sweep)
            _ = try await graphql.send(
                "mutation($id: ID!) { deleteSweep(input: {id: $id}) { success } }", ["id": sweep])
            #expect(try await graphql.send(beat, ["id": agent, "runState": .string("{}")]).status == 404)
        }
    }

    @Test("S4: another project's sweeps are not there; S5: who may only read cannot change a sweep or draw from it")
    func access() async throws {
        var options = ServerOptions(port: 0)
        options.requiresTokens = true
        try await withServer(options: options) { server in
            func client(_ role: AccessRole, _ project: String?) async throws -> GraphQLClient {
                let token = try await server.store.createToken(name: "t", role: role, project: project).secret
                return GraphQLClient(
                    client: TestClient(address: TrackerAddress(url: server.url, token: token)))
            }
            let writer = try await client(.write, "p")
            let created = try await writer.send(upsert, ["config": .string(grid), "project": .string("p")])
            let sweep = try #require(created.data?.at("upsertSweep", "sweep", "id"))
            let mine = try await agent(writer, sweep)
            let query = "query($s: String!) { project(name: \"p\") { sweep(sweepName: $s) { id } } }"
            #expect(try await writer.send(query, ["s": sweep]).data?.at("project", "sweep", "id") == sweep)

            let other = try await client(.write, "q")
            #expect(try await other.send(query, ["s": sweep]).data?.at("project") == .null)
            let reader = try await client(.read, "p")
            #expect(try await reader.send(query, ["s": sweep]).data?.at("project", "sweep", "id") == sweep)
            for client in [other, reader] {
                for (text, variables) in [
                    (upsert, ["id": sweep, "state": .string("CANCELED")]),
                    (upsert, ["config": .string(grid), "project": .string("p")]),
                    (beat, ["id": mine, "runState": .string("{}")]),
                    (
                        "mutation($s: String!) { createAgent(input: {host: \"h\", sweep: $s}) { agent { id } } }",
                        ["s": sweep]
                    ),
                ] as [(String, [String: JSONValue])] {
                    let answer = try await client.send(text, variables)
                    #expect(answer.status == 403 || answer.status == 404 || !answer.errors.isEmpty)
                }
            }
            #expect(try await server.store.drawnSweep(sweep.string ?? "").state == .running)
            #expect(try await server.store.drawnSweepCount(project: "p") == 1)
            #expect(try await server.store.drawnSweep(sweep.string ?? "").runCount == 0)
        }
    }
}
