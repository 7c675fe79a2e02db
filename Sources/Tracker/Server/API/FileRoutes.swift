import Experiment
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import TrackerStore

/// The files that runs make: `PUT` and `GET /api/v1/runs/{run}/files/{path}`.
struct FileRoutes {
    let files: FileStore
    let store: TrackerStore

    func add(to api: TrackerRoutes) {
        api.put("/runs/{run}/files/**", use: store)
        api.get("/runs/{run}/files", use: list)
        api.get("/runs/{run}/files/**", use: serve)
    }

    @Sendable private func list(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        let run = try context.run()
        try await context.require(.read, run: run, in: store)
        return try .json(try await store.files(run: run, key: request.query("key")))
    }

    @Sendable private func store(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        let run = try context.run()
        // A run's files are sent before the record that names them, and so perhaps before the run is known.
        let known = try await store.knownProject(ofRun: run)
        if let known, let only = context.principal.onlyProject, only != known { throw TrackerStore.unknownRun(run) }
        try context.require(.write, project: known ?? context.principal.onlyProject)
        var upload = try files.upload(run: run, path: try path(of: request))
        for try await chunk in request.body { try upload.write(chunk.readableBytesView) }
        try upload.commit()
        return Response(status: .noContent)
    }

    @Sendable private func serve(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        let path = try path(of: request)
        let run = try context.run()
        // Files of a run that is not known yet are there for whoever may see everything.
        if context.principal.onlyProject != nil {
            try await context.require(.read, run: run, in: store)
        } else {
            try context.require(.read, project: nil)
        }
        let bytes = try files.read(run: run, path: path)
        let type = MediaType(path: path)
        return Response(
            status: .ok,
            headers: [
                .contentType: type.name,
                // A run's file is the run's word, not ours: a browser may show a picture and run nothing.
                .contentDisposition: type.isShownInline ? "inline" : "attachment",
                .contentSecurityPolicy: "sandbox; default-src 'none'",
                .xContentTypeOptions: "nosniff",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// The part of the address after `/files/`, decoded once.
    private func path(of request: Request) throws -> RelativePath {
        let parts = request.uri.path.split(separator: "/", maxSplits: 6, omittingEmptySubsequences: false)
        guard parts.count == 7, parts[5] == "files", let text = parts[6].removingPercentEncoding,
            let path = RelativePath(text)
        else {
            throw APIError(
                .badRequest, "bad_file_path",
                "a file's path consists of names with letters, digits, spaces and _-.+=,@() that do not begin with a dot"
            )
        }
        return path
    }
}
