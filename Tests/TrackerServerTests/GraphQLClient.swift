import Experiment
import Foundation
import TrackerClient

/// Posts GraphQL as W&B's clients do.
struct GraphQLClient {
    let client: TestClient

    struct Answer {
        var status: Int
        var data: JSONValue?
        var errors: [String]
    }

    func send(_ query: String, _ variables: [String: JSONValue] = [:]) async throws -> Answer {
        let body = JSONValue.object(["query": .string(query), "variables": .object(variables)])
        let answer = try await client.send(.post, "/graphql", body: Data(body.text.utf8))
        let json = try? JSONParser.parse(Array(answer.body))
        return Answer(
            status: answer.status, data: json?.object?["data"],
            errors: (json?.object?["errors"]?.array ?? []).compactMap { $0.object?["message"]?.string })
    }
}

extension JSONValue {
    /// The member at a path of keys, `0` for the first of a list.
    func at(_ path: String...) -> JSONValue? {
        path.reduce(self as JSONValue?) { value, key in
            value?.object?[key]
                ?? Int(key).flatMap { index in
                    value?.array.flatMap { $0.indices.contains(index) ? $0[index] : nil }
                }
        }
    }
}
