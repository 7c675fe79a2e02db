import Experiment
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import TrackerStore

/// `PUT` and `GET /blobs/{area}/{owner}/{path}?expires=…&signature=…`: files by addresses that the server gave out.
struct BlobRoutes {
    /// Longest file that is looked through for secrets before it is kept.
    private static let metadataLimit = 4 << 20

    let store: TrackerStore
    let blobs: BlobStore

    func add(to router: Router<TrackerRequestContext>) {
        router.put("/blobs/{area}/{owner}/**", use: keep)
        router.get("/blobs/{area}/{owner}/**", use: serve)
    }

    private struct Target {
        var area: BlobArea
        var owner: RunID
        var path: RelativePath
    }

    @Sendable private func keep(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        let target = try target(of: request)
        guard target.area == .run else {
            try await ArtifactFiles(store: store, blobs: blobs).receive(request, target.owner, target.path)
            return Response(status: .ok)
        }
        var upload = try blobs[target.area].upload(run: target.owner, path: target.path)
        if target.path.description == "wandb-metadata.json" {
            let text = Array(try await request.body.collect(upTo: Self.metadataLimit).readableBytesView)
            try upload.write(ByteBuffer(bytes: Self.withoutSecrets(text)).readableBytesView)
        } else {
            for try await chunk in request.body { try upload.write(chunk.readableBytesView) }
        }
        let (size, sha256) = try upload.commit()
        try await register(target, size, sha256)
        return Response(status: .ok)
    }

    private func register(_ target: Target, _ size: Int, _ sha256: String) async throws {
        let path = target.path.description
        let file = RunFile(
            key: BlobName.name(path), step: 0, path: path, mediaType: MediaType(path: target.path).name, bytes: size,
            sha256: sha256, time: Date())
        do {
            try await store.registerFile(run: target.owner, attempt: Int(Int32.max), file)
        } catch let error as StoreError where error.kind == .unknownRun {
            throw APIError(.gone, error.code, error.description)
        }
    }

    private static func withoutSecrets(_ text: [UInt8]) -> [UInt8] {
        guard let value = try? JSONParser.parse(text) else { return text }
        return Array(Secrets.removed(from: value).text.utf8)
    }

    @Sendable private func serve(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        let target = try target(of: request)
        let type = MediaType(path: target.path)
        let file = try blobs[target.area].open(run: target.owner, path: target.path)
        let range = request.headers[.range].flatMap { ByteRange($0, size: file.size) }
        let (start, count) = (range?.start ?? 0, range?.count ?? file.size)
        var headers: HTTPFields = [
            .contentType: type.name, .contentLength: String(count), .acceptRanges: "bytes",
            // A run's file is the run's word, not ours: a browser may show a picture and run nothing.
            .contentDisposition: type.isShownInline ? "inline" : "attachment",
            .contentSecurityPolicy: "sandbox; default-src 'none'",
            .xContentTypeOptions: "nosniff",
        ]
        if let range { headers[.contentRange] = range.description(of: file.size) }
        return Response(
            status: range == nil ? .ok : .partialContent, headers: headers,
            body: ResponseBody(contentLength: count) { writer in
                var offset = start
                while offset < start + count {
                    let piece = try file.read(at: offset, upTo: min(start + count - offset, 256 << 10))
                    offset += piece.count
                    try await writer.write(ByteBuffer(bytes: piece))
                }
                try await writer.finish(nil)
            })
    }

    /// What a request's address names, if its signature is good.
    private func target(of request: Request) throws -> Target {
        let address = request.uri.path
        guard
            blobs.signer.allows(
                request.method, address: address, expires: request.query("expires"),
                signature: request.query("signature"), now: Date())
        else {
            throw APIError(.forbidden, "bad_signature", "this address of a file is not, or no longer, good; ask anew")
        }
        let parts = address.split(separator: "/", maxSplits: 3)
        guard parts.count == 4, let area = BlobArea(rawValue: String(parts[1])),
            let owner = RunID(rawValue: String(parts[2])),
            let path = parts[3].removingPercentEncoding.flatMap({ RelativePath($0) })
        else { throw APIError(.badRequest, "bad_file_path", "this is no address of a file") }
        return Target(area: area, owner: owner, path: path)
    }
}
