import Experiment
import GraphQL

/// Who is asking, and what the server can do.
struct ViewerQueries: GraphQLObject {
    var typename: String { "Query" }

    func field(_ name: String, _ arguments: GraphQLArguments) -> GraphQLValue? {
        switch name {
        case "viewer": Self.viewer
        case "serverInfo": Self.server
        case "__type": Self.type(arguments.string("name") ?? "")
        default: nil
        }
    }

    /// Of the features that the client asks for these are served; what is not listed is off.
    private static let server: GraphQLValue = .record(
        "ServerInfo",
        [
            "features": .list([
                .record("ServerFeature", ["name": .string("FILESTREAM_GZIP"), "isEnabled": .bool(true)])
            ])
        ])

    /// Older clients look whether these are there before they ask for them.
    private static let knownFields = ["Run": ["projectId"], "Project": ["internalId"]]

    /// Just enough for clients before 0.20, which take a missing answer for a mistake of theirs.
    private static func type(_ name: String) -> GraphQLValue {
        let fields = (knownFields[name] ?? []).map { GraphQLValue.record("__Field", ["name": .string($0)]) }
        return .record("__Type", ["name": .string(name), "fields": .list(fields), "inputFields": .list([])])
    }

    private static let viewer: GraphQLValue = .record(
        "User",
        [
            "id": .string("user:\(WandbContext.entity)"), "name": .string(WandbContext.entity),
            "username": .string(WandbContext.entity), "email": .string(""), "admin": .bool(true),
            "flags": .string("{}"), "entity": .string(WandbContext.entity), "deletedAt": .null,
            "apiKeys": .record("APIKeyConnection", ["edges": .list([])]),
            "teams": .record(
                "EntityConnection", ["edges": .list([.record("EntityEdge", ["node": WandbContext.entityValue])])]),
        ])
}
