import Experiment
import GraphQL
import HTTPTypes
import TrackerStore

/// What clients do with artifacts.
struct ArtifactMutations: GraphQLObject {
    private static let countLimit = 100_000

    let context: WandbContext

    var typename: String { "Mutation" }

    func field(_ name: String, _ arguments: GraphQLArguments) async throws -> GraphQLValue? {
        let input = arguments.input()
        return switch name {
        case "createArtifact": try await create(input)
        case "createArtifactManifest": try await manifest(try input.required("artifactID"))
        // A manifest has its artifact's id.
        case "updateArtifactManifest": try await manifest(try input.required("artifactManifestID"))
        case "createArtifactFiles": try await createFiles(input)
        case "commitArtifact": try await commit(input)
        case "updateArtifact": try await update(input)
        case "useArtifact": try await use(input)
        case "addAliases": try await setAliases(input, context.store.addAliases)
        case "deleteAliases": try await setAliases(input) { try await context.store.deleteAliases($0, of: $1) }
        case "deleteArtifact": try await delete(input)
        case "deleteArtifactSequence": try await deleteCollection(input)
        case "linkArtifact", "completeMultipartUploadArtifact":
            throw GraphQLError(
                code: "unsupported", "the tracker keeps artifacts in their projects; it has no registries to link to")
        default: nil
        }
    }

    private func payload(_ typename: String, _ artifact: Artifact) -> GraphQLValue {
        .record(typename, ["artifact": .object(ArtifactFields(artifact: artifact, context: context))])
    }

    private func create(_ input: GraphQLArguments) async throws -> GraphQLValue {
        let project = input.string("projectName") ?? ProjectQueries.defaultProject
        try context.require(.write, project: project)
        let names = input.strings("artifactCollectionNames")?.first ?? input.string("artifactCollectionName")
        guard let collection = names else {
            throw GraphQLError(code: "missing_argument", "the request names no 'artifactCollectionName'; add it")
        }
        let artifact = try await context.store.createArtifact(
            NewArtifact(
                project: project, type: try input.required("artifactTypeName"), collection: collection,
                digest: try input.required("digest"),
                aliases: input.inputs("aliases").compactMap { $0.string("alias") },
                tags: input.inputs("tags").compactMap { $0.string("tagName") },
                description: input.string("description"), metadata: input.string("metadata"),
                run: input.string("runName"), historyStep: input.int("historyStep").map(Int64.init),
                clientID: input.string("clientID"), takesEqual: input.bool("enableDigestDeduplication") ?? true))
        return payload("CreateArtifactPayload", artifact)
    }

    /// Where the manifest is to be sent. It is the last file that comes.
    private func manifest(_ artifact: String) async throws -> GraphQLValue {
        let artifact = try await context.artifact(id: artifact, for: .write)
        guard !artifact.isCommitted, let place = ArtifactFiles.manifest(artifact.id) else {
            throw GraphQLError(
                code: "committed_artifact", "the artifact is complete and cannot change; log another one")
        }
        return .record(
            "ArtifactManifestPayload",
            [
                "artifactManifest": .record(
                    "ArtifactManifest",
                    [
                        "id": .string(artifact.id),
                        "file": .record(
                            "File",
                            [
                                "id": .string("manifest:\(artifact.id)"), "uploadHeaders": .list([]),
                                "uploadUrl": .string(
                                    context.url(.put, .artifact, owner: place.owner, path: place.path)),
                            ]),
                    ])
            ])
    }

    /// In the order asked for; without an address where the content is here already.
    private func createFiles(_ input: GraphQLArguments) async throws -> GraphQLValue {
        let files = input.inputs("artifactFiles")
        guard files.count <= Self.countLimit else {
            throw GraphQLError(code: "too_large", "ask for at most \(Self.countLimit) files at once")
        }
        guard let first = files.first else { return payload(files: []) }
        let artifact = try await context.artifact(id: try first.required("artifactID"), for: .write)
        let sums = try files.map { file in
            guard file.string("artifactID") == artifact.id else {
                throw GraphQLError(code: "many_artifacts", "ask for the files of one artifact at a time")
            }
            guard let sum = file.string("md5").flatMap(ArtifactManifest.hexadecimal) else {
                throw GraphQLError(
                    code: "bad_digest", "the file '\((file.string("name") ?? "").prefix(200))' has no MD5 sum in base64"
                )
            }
            return sum
        }
        let received = try await context.store.announceContents(sums, project: artifact.collection.project)
        let folder = TrackerStore.artifactFolder(project: artifact.collection.project)
        let nodes = sums.map { sum -> GraphQLValue in
            let place = ArtifactFiles.content(sum, folder: folder)
            let url =
                received.contains(sum)
                ? nil : place.map { context.url(.put, .artifact, owner: $0.owner, path: $0.path) }
            return .record(
                "File",
                [
                    "storagePath": .string(place.map { "\($0.owner)/\($0.path)" }), "uploadUrl": .string(url),
                    "uploadHeaders": .list([]), "uploadMultipartUrls": .null,
                    "artifact": .record("Artifact", ["id": .string(artifact.id)]),
                ])
        }
        return payload(files: nodes)
    }

    private func payload(files: [GraphQLValue]) -> GraphQLValue {
        .record(
            "CreateArtifactFilesPayload",
            ["files": Connection.value("FileConnection", files.map { (node: $0, cursor: "") }, hasNext: false)])
    }

    private func commit(_ input: GraphQLArguments) async throws -> GraphQLValue {
        let artifact = try await context.artifact(id: try input.required("artifactID"), for: .write)
        guard !artifact.isCommitted else { return payload("CommitArtifactPayload", artifact) }
        let manifest = try context.artifactFiles.manifest(of: artifact)
        return payload(
            "CommitArtifactPayload",
            try await context.store.commitArtifact(
                id: artifact.id, files: manifest.files, references: manifest.references))
    }

    private func update(_ input: GraphQLArguments) async throws -> GraphQLValue {
        let artifact = try await context.artifact(id: try input.required("artifactID"), for: .write)
        let edited = try await context.store.editArtifact(
            artifact,
            ArtifactEdit(
                description: input.string("description"), metadata: input.string("metadata"),
                tagsToAdd: input.inputs("tagsToAdd").compactMap { $0.string("tagName") },
                tagsToDelete: input.inputs("tagsToDelete").compactMap { $0.string("tagName") }))
        return payload("UpdateArtifactPayload", edited)
    }

    private func use(_ input: GraphQLArguments) async throws -> GraphQLValue {
        let artifact = try await context.artifact(id: try input.required("artifactID"), for: .read)
        let project = input.string("projectName") ?? artifact.collection.project
        try context.require(.write, project: project)
        if let run = input.string("runName") {
            try await context.store.useArtifact(artifact, project: project, run: run)
        }
        return payload("UseArtifactPayload", artifact)
    }

    private func setAliases(
        _ input: GraphQLArguments, _ change: ([String], Artifact) async throws -> Void
    ) async throws -> GraphQLValue {
        let artifact = try await context.artifact(id: try input.required("artifactID"), for: .write)
        try await change(input.inputs("aliases").compactMap { $0.string("alias") }, artifact)
        return .record("AliasesPayload", ["success": .bool(true)])
    }

    private func delete(_ input: GraphQLArguments) async throws -> GraphQLValue {
        let artifact = try await context.artifact(id: try input.required("artifactID"), for: .write)
        try await context.store.deleteArtifact(artifact, withAliases: input.bool("deleteAliases") ?? false)
        try context.artifactFiles.deleteManifest(of: artifact.id)
        try await context.artifactFiles.collectGarbage(project: artifact.collection.project)
        return payload("DeleteArtifactPayload", artifact)
    }

    private func deleteCollection(_ input: GraphQLArguments) async throws -> GraphQLValue {
        let id = try input.required("artifactSequenceID")
        guard let number = Int32(id), let collection = try await context.store.artifactCollection(id: number),
            context.principal.refusal(.read, project: collection.project) == nil
        else { throw GraphQLError(code: "unknown_artifact", "there is no such collection of artifacts") }
        try context.require(.write, project: collection.project)
        for artifact in try await context.store.deleteArtifactCollection(collection) {
            try context.artifactFiles.deleteManifest(of: artifact)
        }
        try await context.artifactFiles.collectGarbage(project: collection.project)
        return .record(
            "DeleteArtifactSequencePayload",
            ["artifactCollection": .object(ArtifactCollectionFields(collection: collection, context: context))])
    }
}

extension WandbContext {
    var artifactFiles: ArtifactFiles { ArtifactFiles(store: store, blobs: blobs) }

    /// An artifact, if the asking token may have it; one of a project that it may not see is not there.
    func artifact(id: String, for role: AccessRole) async throws -> Artifact {
        let artifact = try await store.artifact(id: id)
        guard principal.refusal(.read, project: artifact.collection.project) == nil else {
            throw TrackerStore.unknownArtifact(id)
        }
        try require(role, project: artifact.collection.project)
        return artifact
    }
}
