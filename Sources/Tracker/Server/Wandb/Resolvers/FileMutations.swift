import Experiment
import GraphQL
import HTTPTypes
import TrackerStore

/// Addresses for files that a run is about to send.
struct FileMutations: GraphQLObject {
    private static let countLimit = 10_000

    let context: WandbContext

    var typename: String { "Mutation" }

    func field(_ name: String, _ arguments: GraphQLArguments) async throws -> GraphQLValue? {
        switch name {
        case "createRunFiles": try await createRunFiles(arguments.input())
        // The server knows what it has received.
        case "markRunFilesUploaded": .record("MarkRunFilesUploadedPayload", ["success": .bool(true)])
        default: nil
        }
    }

    /// As many entries as asked for, with the same names; a name that is too long has no address and is not sent.
    private func createRunFiles(_ input: GraphQLArguments) async throws -> GraphQLValue {
        let project = input.string("projectName") ?? ProjectQueries.defaultProject
        let handle = try input.required("runName")
        try context.require(.write, project: project)
        let names = input.strings("files") ?? []
        guard names.count <= Self.countLimit else {
            throw GraphQLError(code: "too_large", "ask for at most \(Self.countLimit) files at once")
        }
        let run = try await context.store.upsertRun(project: project, handle: handle, ClientRunEdit()).run
        let files = names.map { name -> GraphQLValue in
            let url = BlobName.path(name).map { context.url(.put, .run, owner: run.id, path: $0) }
            return .record("File", ["name": .string(name), "uploadUrl": .string(url)])
        }
        return .record(
            "CreateRunFilesPayload",
            ["runID": .string(run.id.rawValue), "uploadHeaders": .list([]), "files": .list(files)])
    }
}
