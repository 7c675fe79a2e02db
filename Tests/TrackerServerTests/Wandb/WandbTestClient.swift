import Experiment
import Foundation
import GraphQL
import TrackerClient

@testable import TrackerServer

/// Speaks W&B's protocol to a running server, one request at a time.
struct WandbTestClient {
    let server: RunningServer
    var project = "p"
    var run = "r"

    private var client: TestClient { TestClient(address: server.address) }

    /// The whole answer to a GraphQL request.
    @discardableResult
    func ask(_ query: String, _ variables: [String: JSONValue] = [:]) async throws -> JSONValue {
        let body = JSONValue.object(["query": .string(query), "variables": .object(variables)]).text
        let answer = try await client.send(.post, "/graphql", body: Data(body.utf8))
        guard answer.status == 200 else { throw Failure(status: answer.status) }
        return try JSONParser.parse(Array(answer.body))
    }

    /// Fields of the run, as text of JSON.
    func run(_ fields: String) async throws -> JSONValue {
        try await ask(
            "query ($p: String!, $r: String!) { project(name: $p) { run(name: $r) { \(fields) } } }",
            ["p": .string(project), "r": .string(run)]
        )["data"]["project"]["run"]
    }

    @discardableResult
    func upsert(_ input: [String: JSONValue] = [:]) async throws -> JSONValue {
        let base: [String: JSONValue] = ["modelName": .string(project), "name": .string(run), "host": .string("h")]
        return try await ask(
            "mutation ($i: UpsertBucketInput!) { upsertBucket(input: $i) { inserted bucket { id name displayName config historyLineCount project { name entity { name } } } } }",
            ["i": .object(base.merging(input) { $1 })]
        )["data"]["upsertBucket"]
    }

    /// Status and answer.
    @discardableResult
    func stream(_ message: JSONValue) async throws -> (status: Int, answer: JSONValue) {
        let answer = try await client.send(
            .post, "/files/saga/\(project)/\(run)/file_stream", body: Data(message.text.utf8))
        return (answer.status, (try? JSONParser.parse(Array(answer.body))) ?? .null)
    }

    @discardableResult
    func history(_ offset: Int, _ lines: [String]) async throws -> Int {
        try await stream(Self.file("wandb-history.jsonl", offset, lines)).status
    }

    static func file(_ name: String, _ offset: Int, _ lines: [String]) -> JSONValue {
        .object([
            "files": .object([
                name: .object([
                    "offset": .int(Int64(offset)), "content": .array(lines.map { .string($0) }),
                ])
            ])
        ])
    }

    /// Rows as the client reads them, whole.
    func rows() async throws -> [JSONValue] {
        try await run("history(samples: 100000)")["history"].array?.compactMap(\.string).map {
            try JSONParser.parse($0)
        } ?? []
    }

    struct Failure: Error { var status: Int }
}

extension JSONValue {
    subscript(key: String) -> JSONValue { object?[key] ?? .null }
}
