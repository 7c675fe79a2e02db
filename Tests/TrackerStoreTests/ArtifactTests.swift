import Experiment
import TestSupport
import Testing
import TrackerStore

@Suite("Artifacts", .timeLimit(.minutes(1)))
struct ArtifactTests {
    private let a = String(repeating: "a", count: 32)
    private let b = String(repeating: "b", count: 32)

    private func announce(
        _ store: TrackerStore, _ digest: String, project: String = "p", aliases: [String] = [], takesEqual: Bool = true
    ) async throws -> Artifact {
        try await store.createArtifact(
            NewArtifact(
                project: project, type: "model", collection: "m", digest: digest, aliases: aliases,
                takesEqual: takesEqual))
    }

    /// An artifact of files that have arrived, each of 3 bytes.
    private func log(
        _ store: TrackerStore, _ digest: String, _ sums: [String], project: String = "p", aliases: [String] = []
    ) async throws -> Artifact {
        let artifact = try await announce(store, digest, project: project, aliases: aliases, takesEqual: false)
        _ = try await store.announceContents(sums, project: project)
        for sum in sums {
            _ = try await store.receiveContent(
                sum, bytes: 3, folder: TrackerStore.artifactFolder(project: project))
        }
        return try await store.commitArtifact(id: artifact.id, files: files(sums))
    }

    private func files(_ sums: [String]) -> [ArtifactContent] {
        sums.map { ArtifactContent(name: "f-\($0.prefix(1))", md5: $0, bytes: 3) }
    }

    @Test("Versions count up, the latest moves, other aliases move when they are given")
    func versions() async throws {
        try await withScratchStore { store in
            let first = try await log(store, "1", [a], aliases: ["best"])
            let second = try await log(store, "2", [a, b])
            #expect((first.version, second.version) == (0, 1))
            #expect((second.bytes, second.fileCount, second.aliases) == (6, 2, ["latest"]))
            #expect(try await store.artifact(project: "p", name: "m")?.id == second.id)
            #expect(try await store.artifact(project: "p", name: "m:best")?.id == first.id)
            #expect(try await store.artifact(project: "p", name: "m:v0")?.aliases == ["best"])
            #expect(try await store.artifact(project: "q", name: "m:v0") == nil)
            try await store.addAliases(["best", "other"], to: second)
            #expect(try await store.artifact(id: first.id).aliases == [])
            #expect(try await store.artifact(id: second.id).aliases == ["best", "latest", "other"])
            try await store.deleteAliases(["other"], of: second)
            #expect(try await store.artifacts(in: first.collection, limit: 9).map(\.version) == [1, 0])
            #expect(try await store.artifacts(in: first.collection, before: 1, limit: 9).map(\.version) == [0])
        }
    }

    @Test("Ten commits at once get ten versions, and each a number of its own")
    func manyCommits() async throws {
        try await withScratchStore { store in
            _ = try await log(store, "0", [a])
            let versions = try await withThrowingTaskGroup(of: Int32?.self) { group in
                for digest in 1...10 {
                    group.addTask {
                        let artifact = try await announce(store, String(digest))
                        _ = try await store.commitArtifact(id: artifact.id, files: files([a]))
                        // Sent twice, as after an answer that was lost.
                        return try await store.commitArtifact(id: artifact.id, files: files([a])).version
                    }
                }
                return try await group.reduce(into: []) { $0.append($1 ?? -1) }
            }
            #expect(versions.sorted() == Array(1...10))
        }
    }

    @Test("What is equal to a committed version is that version")
    func equal() async throws {
        try await withScratchStore { store in
            let first = try await log(store, "1", [a])
            _ = try await log(store, "2", [b])
            let again = try await announce(store, "1", aliases: ["again"])
            #expect(again.id == first.id && again.isCommitted && again.aliases == ["again", "latest"])
            #expect(try await !announce(store, "1", takesEqual: false).isCommitted)
            #expect(try await !announce(store, "1", project: "q").isCommitted)
        }
    }

    @Test("Nothing is committed until every file is there with its size")
    func incomplete() async throws {
        try await withScratchStore { store in
            let artifact = try await announce(store, "1")
            let commit = { try await store.commitArtifact(id: artifact.id, files: files([a])) }
            var error = await #expect(throws: StoreError.self) { try await commit() }
            #expect(error?.kind == .incompleteArtifact && error?.description.contains("has not arrived") == true)
            _ = try await store.announceContents([a], project: "p")
            error = await #expect(throws: StoreError.self) { try await commit() }
            #expect(error?.kind == .incompleteArtifact)
            let folder = TrackerStore.artifactFolder(project: "p")
            #expect(try await store.receiveContent(a, bytes: 2, folder: folder))
            error = await #expect(throws: StoreError.self) { try await commit() }
            #expect(error?.description.contains("another size") == true)
            #expect(try await store.artifact(project: "p", name: "m") == nil)
            #expect(try await store.receiveContent(a, bytes: 3, folder: folder))
            #expect(try await commit().version == 0)
            #expect(try await !store.receiveContent(b, bytes: 3, folder: folder))
        }
    }

    @Test("A content is kept once in a project, told to nobody else, and released with its last artifact")
    func contents() async throws {
        try await withScratchStore { store in
            let first = try await log(store, "1", [a, b])
            let second = try await log(store, "2", [a])
            #expect(try await store.announceContents([a, b], project: "p") == [a, b])
            #expect(try await store.announceContents([a], project: "q") == [])
            #expect(try await store.artifactContents().map(\.md5) == [a, b])
            try await store.deleteArtifact(first, withAliases: false)
            #expect(try await store.releaseContents(project: "p") == [b])
            #expect(try await store.files(of: second, limit: 9) == files([a]))
            // An artifact on its way may have been told that a content is here.
            let coming = try await announce(store, "3")
            try await store.deleteArtifact(second, withAliases: true)
            #expect(try await store.releaseContents(project: "p") == [])
            try await store.deleteArtifact(coming, withAliases: true)
            #expect(try await store.releaseContents(project: "p") == [a])
        }
    }

    @Test("A deleted version's number is not given again, and the newest that stays is the latest")
    func deletion() async throws {
        try await withScratchStore { store in
            let first = try await log(store, "1", [a])
            let second = try await log(store, "2", [a], aliases: ["best"])
            let error = await #expect(throws: StoreError.self) {
                try await store.deleteArtifact(second, withAliases: false)
            }
            #expect(error?.description.contains("'best'") == true)
            try await store.deleteArtifact(second, withAliases: true)
            #expect(try await store.artifact(project: "p", name: "m:latest")?.id == first.id)
            #expect(try await store.artifact(project: "p", name: "m:best") == nil)
            #expect(try await log(store, "3", [a]).version == 2)
        }
    }

    @Test("Edits, lineage and the names that clients give are kept")
    func edits() async throws {
        try await withScratchStore { store in
            _ = try await store.ingest(run: try runID("maker"), batch(from: 1, start(project: "p")))
            _ = try await store.ingest(run: try runID("user"), batch(from: 1, start(project: "p")))
            let artifact = try await store.createArtifact(
                NewArtifact(
                    project: "p", type: "model", collection: "m", digest: "1", tags: ["t"], metadata: "{\"x\": NaN}",
                    run: "maker", clientID: "client"))
            _ = try await store.commitArtifact(id: artifact.id, files: [])
            var edited = try await store.editArtifact(
                artifact, ArtifactEdit(description: "d", tagsToAdd: ["u", "t"], tagsToDelete: ["v"]))
            #expect((edited.description, edited.metadata, edited.tags) == ("d", "{\"x\": NaN}", ["t", "u"]))
            edited = try await store.editArtifact(artifact, ArtifactEdit(metadata: "{}", tagsToDelete: ["t"]))
            #expect((edited.description, edited.metadata, edited.tags) == ("d", "{}", ["u"]))
            try await store.useArtifact(artifact, project: "p", run: "user")
            try await store.useArtifact(artifact, project: "p", run: "nobody")
            #expect(try await store.users(of: artifact).count == 1)
            #expect(try await store.artifact(client: "client")?.id == artifact.id)
            let maker = try #require(try await store.artifact(id: artifact.id).run)
            #expect(try await store.artifacts(ofRun: maker, used: false, limit: 9).map(\.id) == [artifact.id])
            #expect(try await store.artifacts(ofRun: maker, used: true, limit: 9) == [])
        }
    }

    @Test(
        "Names that would not be found again are refused",
        arguments: [
            ("m:v0", "model", []), ("a/b", "model", []), ("", "model", []), ("m", "a:b", []), ("m\n", "model", []),
            ("m", "model", ["v3"]), ("m", "model", ["a:b"]), (String(repeating: "x", count: 129), "model", []),
        ] as [(String, String, [String])])
    func names(collection: String, type: String, aliases: [String]) async throws {
        try await withScratchStore { store in
            let error = await #expect(throws: StoreError.self) {
                try await store.createArtifact(
                    NewArtifact(project: "p", type: type, collection: collection, digest: "1", aliases: aliases))
            }
            #expect(error?.kind == .invalidArtifact)
        }
    }
}
