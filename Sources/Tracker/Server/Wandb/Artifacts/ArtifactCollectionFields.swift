import GraphQL
import TrackerStore

/// What is asked of a collection of artifacts, which W&B calls a sequence.
struct ArtifactCollectionFields: GraphQLObject {
    private static let pageLimit = 1_000

    let collection: ArtifactCollection
    let context: WandbContext

    var typename: String { "ArtifactSequence" }
    var project: String { collection.project }

    func field(_ name: String, _ arguments: GraphQLArguments) async throws -> GraphQLValue? {
        switch name {
        case "id": .string(String(collection.id))
        case "name": .string(collection.name)
        case "description": .string(collection.description)
        case "createdAt", "updatedAt": .string(collection.created.wandbText)
        case "state": .string("READY")
        case "type", "defaultArtifactType", "artifactType":
            .object(ArtifactTypeFields(name: collection.type, collection.project, context))
        case "tags": Connection.value("TagConnection", [], hasNext: false)
        case "project":
            .optional(
                try await context.store.clientProject(collection.project).map { ProjectFields.object($0, context) })
        case "latestArtifact":
            .optional(
                try await artifact(TrackerStore.latest).map { ArtifactFields(artifact: $0, context: context) })
        case "artifactMembership":
            try await artifact(try arguments.required("aliasName"))
                .map { ArtifactFields(artifact: $0, context: context).membership } ?? .null
        case "artifacts": try await artifacts(arguments)
        case "aliases": try await aliases()
        default: nil
        }
    }

    private func artifact(_ alias: String) async throws -> Artifact? {
        try await context.store.artifact(project: collection.project, collection: collection.name, alias: alias)
    }

    private func artifacts(_ arguments: GraphQLArguments) async throws -> GraphQLValue {
        let limit = max(0, min(arguments.int("first") ?? 50, Self.pageLimit))
        let found = try await context.store.artifacts(
            in: collection, before: arguments.string("after").flatMap { Int32($0) }, limit: limit + 1)
        let edges = found.prefix(limit).map { artifact -> GraphQLValue in
            .record(
                "ArtifactEdge",
                [
                    "node": .object(ArtifactFields(artifact: artifact, context: context)),
                    "version": .string("v\(artifact.version ?? 0)"), "cursor": .string(String(artifact.version ?? 0)),
                ])
        }
        let end = found.prefix(limit).last.flatMap(\.version).map { String($0) }
        return .record(
            "ArtifactConnection",
            [
                "edges": .list(edges), "totalCount": .int(try await context.store.artifactCount(in: collection)),
                "pageInfo": .record(
                    "PageInfo", ["hasNextPage": .bool(found.count > limit), "endCursor": .string(end)]),
            ])
    }

    private func aliases() async throws -> GraphQLValue {
        let artifacts = try await context.store.artifacts(in: collection, limit: Self.pageLimit)
        let nodes = artifacts.flatMap { ArtifactFields(artifact: $0, context: context).aliases }
        return Connection.value("AliasConnection", nodes.map { (node: $0, cursor: "") }, hasNext: false)
    }
}
