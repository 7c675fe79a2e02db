import GraphQL
import TrackerStore

/// The artifacts of a project.
struct ProjectArtifactFields: GraphQLObject {
    private static let pageLimit = 1_000

    let project: String
    let context: WandbContext

    var typename: String { "Project" }

    func field(_ name: String, _ arguments: GraphQLArguments) async throws -> GraphQLValue? {
        switch name {
        case "artifact":
            return .optional(
                try await context.store.artifact(project: project, name: try arguments.required("name"))
                    .map { ArtifactFields(artifact: $0, context: context) })
        case "artifactCollectionMembership":
            return try await context.store.artifact(project: project, name: try arguments.required("name"))
                .map { ArtifactFields(artifact: $0, context: context).membership } ?? .null
        case "artifactCollection":
            let found = try await context.store.artifactCollections(
                project: project, name: try arguments.required("name"), limit: 1)
            return .optional(found.first.map { ArtifactCollectionFields(collection: $0, context: context) })
        case "artifactCollections": return try await Self.collections(project, type: nil, arguments, context)
        case "artifactType":
            let type = try arguments.required("name")
            let known = try await context.store.artifactTypes(project: project)
            return known.contains(type) ? .object(ArtifactTypeFields(name: type, project, context)) : .null
        case "artifactTypes":
            let types = try await context.store.artifactTypes(project: project)
            return Connection.value(
                "ArtifactTypeConnection",
                types.map { (node: .object(ArtifactTypeFields(name: $0, project, context)), cursor: $0) },
                hasNext: false)
        default: return nil
        }
    }

    /// A page of the collections of a project, by name.
    static func collections(
        _ project: String, type: String?, _ arguments: GraphQLArguments, _ context: WandbContext
    ) async throws -> GraphQLValue {
        let limit = max(0, min(arguments.int("first") ?? 50, pageLimit))
        let found = try await context.store.artifactCollections(
            project: project, type: type, after: arguments.string("after"), limit: limit + 1)
        return Connection.value(
            "ArtifactCollectionConnection",
            found.prefix(limit).map {
                (node: .object(ArtifactCollectionFields(collection: $0, context: context)), cursor: $0.name)
            },
            hasNext: found.count > limit, total: found.count)
    }
}
