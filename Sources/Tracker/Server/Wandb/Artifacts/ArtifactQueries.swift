import GraphQL
import TrackerStore

/// Artifacts by their ids.
struct ArtifactQueries: GraphQLObject {
    let context: WandbContext

    var typename: String { "Query" }

    func field(_ name: String, _ arguments: GraphQLArguments) async throws -> GraphQLValue? {
        switch name {
        case "artifact": return .optional(try await artifact(try arguments.required("id")))
        case "clientIDMapping":
            guard let artifact = try await context.store.artifact(client: try arguments.required("clientID")),
                context.principal.refusal(.read, project: artifact.collection.project) == nil
            else { return .null }
            return .record("ClientIDMapping", ["serverID": .string(artifact.id)])
        default: return nil
        }
    }

    /// Null where there is none: clients say so in their own words.
    private func artifact(_ id: String) async throws -> ArtifactFields? {
        do {
            return ArtifactFields(artifact: try await context.artifact(id: id, for: .read), context: context)
        } catch let error as StoreError where error.kind == .unknownArtifact {
            return nil
        }
    }
}
