import Experiment
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import TrackerStore

/// The files of artifacts on the disk: contents as `PROJECT'S FOLDER/ab/ab12…`, manifests as `manifests/ID`.
struct ArtifactFiles: Sendable {
    /// Bytes that one file may have.
    static let sizeLimit = 8 << 30
    /// A manifest is read as a whole; 64 MiB are some 200,000 files.
    static let manifestLimit = 64 << 20

    let store: TrackerStore
    let blobs: BlobStore

    struct Place {
        var owner: RunID
        var path: RelativePath
    }

    static func content(_ md5: String, folder: String) -> Place? { place(folder, "\(md5.prefix(2))/\(md5)") }
    static func manifest(_ artifact: String) -> Place? { place("manifests", artifact) }

    private static func place(_ owner: String, _ path: String) -> Place? {
        guard let owner = RunID(rawValue: owner), let path = RelativePath(path) else { return nil }
        return Place(owner: owner, path: path)
    }

    /// Takes in a file piece by piece; a content whose sum is not its name is refused.
    func receive(_ request: Request, _ owner: RunID, _ path: RelativePath) async throws {
        let isManifest = owner.rawValue == "manifests"
        let limit = isManifest ? Self.manifestLimit : Self.sizeLimit
        let promised = request.headers[.contentLength].flatMap { Int($0) } ?? 0
        guard promised <= limit else { throw Self.tooLarge(limit) }
        if isManifest { try await checkOpen(path.description) }
        var upload = try blobs[.artifact].upload(run: owner, path: path)
        var sum = MD5()
        var bytes = 0
        for try await chunk in request.body {
            bytes += chunk.readableBytes
            guard bytes <= limit else { throw Self.tooLarge(limit) }
            if !isManifest { sum.update(chunk.readableBytesView) }
            try upload.write(chunk.readableBytesView)
        }
        guard !isManifest, let name = path.names.last else {
            try upload.commit()
            return
        }
        guard sum.finish() == name else {
            throw APIError(
                .badRequest, "wrong_digest",
                "what has arrived is not the file that was announced; log the artifact again")
        }
        try upload.commit()
        guard try await store.receiveContent(name, bytes: Int64(bytes), folder: owner.rawValue) else {
            throw APIError(.gone, "unknown_artifact", "no artifact waits for this file any more; log it again")
        }
    }

    /// The address of a manifest outlives the moment in which the artifact becomes fixed.
    private func checkOpen(_ artifact: String) async throws {
        guard try await !store.artifact(id: artifact).isCommitted else {
            throw APIError(.gone, "committed_artifact", "the artifact is complete and cannot change; log another one")
        }
    }

    private static func tooLarge(_ limit: Int) -> APIError {
        APIError(.contentTooLarge, "too_large", "a file of an artifact may have \(limit) bytes")
    }

    /// What an artifact's client says that it consists of.
    func manifest(of artifact: Artifact) throws -> ArtifactManifest {
        guard let place = Self.manifest(artifact.id),
            let bytes = try? blobs[.artifact].read(run: place.owner, path: place.path)
        else {
            throw StoreError(
                .incompleteArtifact,
                "the artifact '\(artifact.collection.name)' cannot be committed: its manifest has not arrived; log it again"
            )
        }
        return try ArtifactManifest(json: bytes)
    }

    /// Deletes the files of a project that no artifact needs; how many.
    ///
    /// Called after an artifact was deleted, and by whoever cleans up.
    @discardableResult
    func collectGarbage(project: String) async throws -> Int {
        let sums = try await store.releaseContents(project: project)
        let folder = TrackerStore.artifactFolder(project: project)
        for place in sums.compactMap({ Self.content($0, folder: folder) }) {
            try blobs[.artifact].remove(run: place.owner, path: place.path)
        }
        return sums.count
    }

    func deleteManifest(of artifact: String) throws {
        guard let place = Self.manifest(artifact) else { return }
        try blobs[.artifact].remove(run: place.owner, path: place.path)
    }
}
