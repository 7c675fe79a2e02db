import Experiment
import GraphQL
import HTTPTypes
import TrackerStore

/// What is asked of an artifact. Clients check these answers strictly: every field that they ask for must be there.
struct ArtifactFields: GraphQLObject {
    private static let pageLimit = 5_000

    let artifact: Artifact
    let context: WandbContext

    var typename: String { "Artifact" }

    func field(_ name: String, _ arguments: GraphQLArguments) async throws -> GraphQLValue? {
        switch name {
        case "id": .string(artifact.id)
        case "artifactSequence", "artifactCollection": .object(collection)
        case "artifactType": .object(ArtifactTypeFields(name: artifact.collection.type, collection.project, context))
        case "versionIndex": .int(artifact.version)
        case "description": .string(artifact.description)
        case "metadata": .string(artifact.metadata)
        // Kept for ever.
        case "ttlDurationSeconds": .int(-2)
        case "ttlIsInherited": .bool(true)
        case "tags":
            .list(artifact.tags.map { .record("Tag", ["id": .string("tag:\($0)"), "name": .string($0)]) })
        case "historyStep": .int(artifact.historyStep)
        case "state": .string(artifact.isCommitted ? "COMMITTED" : "PENDING")
        case "size": .int(artifact.bytes)
        case "digest": .string(artifact.digest)
        case "digestAlgorithm": .string("MANIFEST_MD5")
        case "commitHash": .string(artifact.id)
        case "fileCount": .int(artifact.fileCount)
        case "createdAt": .string(artifact.created.wandbText)
        case "updatedAt": .string(artifact.updated.wandbText)
        case "aliases": .list(aliases)
        case "currentManifest": manifest
        case "artifactMemberships":
            Connection.value("MembershipConnection", [(node: membership, cursor: "")], hasNext: false)
        case "createdBy": try await runs(artifact.run.map { [$0] } ?? []).first ?? .null
        case "usedBy":
            Connection.value(
                "RunConnection", try await runs(context.store.users(of: artifact)).map { (node: $0, cursor: "") },
                hasNext: false)
        case "files": try await files(arguments)
        case "filesByManifestEntries": filesByEntries(arguments)
        default: nil
        }
    }

    private var collection: ArtifactCollectionFields {
        ArtifactCollectionFields(collection: artifact.collection, context: context)
    }

    var aliases: [GraphQLValue] {
        artifact.aliases.map {
            .record(
                "ArtifactAlias",
                [
                    "id": .string("alias:\(artifact.collection.id):\($0)"), "alias": .string($0),
                    "artifactCollection": .object(collection),
                ])
        }
    }

    /// The artifact in its place in the collection.
    var membership: GraphQLValue {
        .object(
            GraphQLComposite(
                "ArtifactCollectionMembership",
                [
                    GraphQLRecord(
                        "ArtifactCollectionMembership",
                        [
                            "id": .string("membership:\(artifact.id)"), "artifact": .object(self),
                            "artifactCollection": .object(collection),
                        ]), self,
                ]))
    }

    private var manifest: GraphQLValue {
        guard let place = ArtifactFiles.manifest(artifact.id) else { return .null }
        return .record(
            "ArtifactManifest",
            [
                "id": .string(artifact.id),
                "file": .record(
                    "File",
                    ["directUrl": .string(context.url(.get, .artifact, owner: place.owner, path: place.path))]),
            ])
    }

    private func runs(_ numbers: [Int32]) async throws -> [GraphQLValue] {
        try await context.store.clientRuns(numbers: numbers)
            .filter { context.principal.refusal(.read, project: $0.project) == nil }
            .map { .object(RunFields.object($0, context)) }
    }

    // MARK: Files

    private func files(_ arguments: GraphQLArguments) async throws -> GraphQLValue {
        let limit = max(0, min(arguments.int("first") ?? Self.pageLimit, Self.pageLimit))
        let files = try await context.store.files(
            of: artifact, names: arguments.strings("names").flatMap { $0.isEmpty ? nil : $0 },
            after: arguments.string("after").flatMap { $0.isEmpty ? nil : $0 }, limit: limit + 1)
        return Connection.value(
            "FileConnection", files.prefix(limit).map { (node: file($0), cursor: $0.name) },
            hasNext: files.count > limit, total: artifact.fileCount)
    }

    private func file(_ file: ArtifactContent) -> GraphQLValue {
        let digest = ArtifactManifest.base64(file.md5)
        let url = url(of: file.md5)
        return .record(
            "File",
            [
                "id": .string("file:\(artifact.id):\(file.name)"), "name": .string(file.name),
                "displayName": .string(file.name), "url": .string(url),
                "directUrl": .string(url), "sizeBytes": .int(file.bytes), "storagePath": .string(file.name),
                "mimetype": .null, "updatedAt": .string(artifact.updated.wandbText), "digest": .string(digest),
                "md5": .string(digest),
            ])
    }

    private func url(of md5: String) -> String? {
        ArtifactFiles.content(
            md5, folder: TrackerStore.artifactFolder(project: artifact.collection.project)
        ).map { context.url(.get, .artifact, owner: $0.owner, path: $0.path) }
    }

    /// Addresses of the files that the client lists, by name and digest, from the manifest that it has.
    private func filesByEntries(_ arguments: GraphQLArguments) -> GraphQLValue {
        let nodes = arguments.inputs("entries").prefix(Self.pageLimit).map {
            entry -> (node: GraphQLValue, cursor: String) in
            let name = entry.string("name") ?? ""
            let url = entry.string("digest").flatMap(ArtifactManifest.hexadecimal).flatMap(url(of:))
            return (.record("File", ["name": .string(name), "directUrl": .string(url)]), name)
        }
        return Connection.value("FileConnection", nodes, hasNext: false)
    }
}
