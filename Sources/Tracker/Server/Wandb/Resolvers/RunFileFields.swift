import Experiment
import GraphQL
import HTTPTypes
import TrackerStore

/// The files of a run, with addresses to fetch and to replace them.
struct RunFileFields: GraphQLObject {
    private static let pageLimit = 1_000

    let run: ClientRun
    let context: WandbContext

    var typename: String { "Run" }

    func field(_ name: String, _ arguments: GraphQLArguments) async throws -> GraphQLValue? {
        switch name {
        case "fileCount": .int(try await context.store.fileCount(of: run.number))
        case "files": try await files(arguments)
        default: nil
        }
    }

    private func files(_ arguments: GraphQLArguments) async throws -> GraphQLValue {
        let names = arguments.strings("names") ?? []
        let limit = max(0, min(arguments.int("first") ?? 50, Self.pageLimit))
        let found = try await context.store.files(
            of: run.number, paths: names.isEmpty ? nil : names.compactMap { BlobName.path($0)?.description },
            like: arguments.string("pattern"), after: arguments.string("after"), limit: limit + 1)
        return Connection.value(
            "FileConnection",
            found.prefix(limit).map { (node: .object(FileFields(file: $0, run: run, context: context)), $0.path) },
            hasNext: found.count > limit)
    }
}

/// One file of a run.
struct FileFields: GraphQLObject {
    let file: RunFile
    let run: ClientRun
    let context: WandbContext

    var typename: String { "File" }

    func field(_ name: String, _ arguments: GraphQLArguments) -> GraphQLValue? {
        switch name {
        case "id": .string("file:\(run.id):\(file.path)")
        case "name": .string(BlobName.name(file.path))
        case "url": url(arguments.bool("upload") == true ? .put : .get)
        case "directUrl": url(.get)
        case "sizeBytes": .int(file.bytes)
        case "mimetype": .string(file.mediaType)
        case "updatedAt": .string(file.time.wandbText)
        default: nil
        }
    }

    private func url(_ method: HTTPRequest.Method) -> GraphQLValue {
        .string(RelativePath(file.path).map { context.url(method, .run, owner: run.id, path: $0) })
    }
}
