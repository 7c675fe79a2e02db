import Experiment
import GraphQL

/// Who is asking, and what the server can do.
struct ViewerQueries: GraphQLObject {
    let context: WandbContext

    var typename: String { "Query" }

    func field(_ name: String, _ arguments: GraphQLArguments) -> GraphQLValue? {
        switch name {
        case "viewer": Self.viewer
        // None of the optional features: an empty list is what the client takes for that.
        case "serverInfo": .record("ServerInfo", ["features": .list([])])
        default: nil
        }
    }

    private static let viewer: GraphQLValue = .record(
        "User",
        [
            "id": .string("user:\(WandbContext.entity)"), "name": .string(WandbContext.entity),
            "username": .string(WandbContext.entity), "email": .string(""), "admin": .bool(true),
            "flags": .string("{}"), "entity": .string(WandbContext.entity), "deletedAt": .null,
            "apiKeys": .record("APIKeyConnection", ["edges": .list([])]),
            "teams": .record(
                "EntityConnection",
                [
                    "edges": .list([
                        .record("EntityEdge", ["node": .record("Entity", ["name": .string(WandbContext.entity)])])
                    ])
                ]
            ),
        ])
}
