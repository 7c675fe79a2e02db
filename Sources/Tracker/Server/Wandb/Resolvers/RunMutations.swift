import Experiment
import Foundation
import GraphQL
import TrackerStore

/// What clients do to runs.
struct RunMutations: GraphQLObject {
    let context: WandbContext

    var typename: String { "Mutation" }

    func field(_ name: String, _ arguments: GraphQLArguments) async throws -> GraphQLValue? {
        let input = arguments.input()
        return switch name {
        case "upsertBucket": try await upsertBucket(input)
        case "stopRun": try await stopRun(input)
        case "deleteRun": try await deleteRun(input)
        case "notifyScriptableRunAlert": try await alert(input)
        case "upsertModel": upsertModel(input)
        case "rewindRun":
            throw GraphQLError(
                code: "no_rewind",
                "the tracker keeps what a run has logged and rewinds nothing; resume the run or start a new one")
        default: nil
        }
    }

    /// Comes in three forms: a client begins or goes on with a run (by name), reports its config (by name), and a
    /// script edits a run (by id).
    private func upsertBucket(_ input: GraphQLArguments) async throws -> GraphQLValue {
        var edit = ClientRunEdit(upsertBucket: input)
        edit.username = context.principal.name
        let handle = input.string("name")
        if let id = input.string("id"), !id.isEmpty {
            let run = try await context.run(id: id, for: .write)
            return payload(try await context.store.editRun(id: id, edit) ?? run, isNew: false, goesOn: true)
        }
        let project = input.string("modelName") ?? ProjectQueries.defaultProject
        try context.require(.write, project: project)
        let (run, isNew) = try await context.store.upsertRun(
            project: project, handle: handle ?? RunID.random().rawValue, edit)
        return payload(run, isNew: isNew, goesOn: false)
    }

    /// `goesOn`: whether the client writes behind what is there; else it begins its files anew, and 0 lines are what it
    /// must hear of: it would number its own after them.
    private func payload(_ run: ClientRun, isNew: Bool, goesOn: Bool) -> GraphQLValue {
        let bucket = RunFields.object(run, context)
        let fresh = GraphQLRecord("Run", ["historyLineCount": .int(0)])
        return .record(
            "UpsertBucketPayload",
            [
                "bucket": .object(goesOn ? bucket : GraphQLComposite("Run", [fresh, bucket])),
                "inserted": .bool(isNew),
            ])
    }

    private func stopRun(_ input: GraphQLArguments) async throws -> GraphQLValue {
        let run = try await context.run(id: try input.required("id"), for: .write)
        let success = try await context.store.requestStop(id: run.id.rawValue)
        return .record("StopRunPayload", ["success": .bool(success), "clientMutationId": .null])
    }

    private func deleteRun(_ input: GraphQLArguments) async throws -> GraphQLValue {
        let run = try await context.run(id: try input.required("id"), for: .write)
        _ = try await context.store.deleteRuns([run.id])
        try context.blobs[.run].remove(run: run.id)
        return .record("DeleteRunPayload", ["success": .bool(true), "clientMutationId": .null])
    }

    private func alert(_ input: GraphQLArguments) async throws -> GraphQLValue {
        let project = input.string("projectName") ?? ProjectQueries.defaultProject
        try context.require(.write, project: project)
        let success = try await context.store.addAlert(
            project: project, handle: try input.required("runName"), level: input.string("severity") ?? "INFO",
            title: input.string("title") ?? "", text: input.string("text") ?? "")
        return .record("NotifyScriptableRunAlertPayload", ["success": .bool(success)])
    }

    /// A project is there when something is in it: making an empty one is agreed to and leaves nothing behind.
    private func upsertModel(_ input: GraphQLArguments) -> GraphQLValue {
        let name = input.string("name") ?? ProjectQueries.defaultProject
        let project = ClientProject(name: name, created: .now, runs: 0)
        return .record(
            "UpsertModelPayload",
            [
                "inserted": .bool(true), "project": .object(ProjectFields.object(project, context)),
                "model": .object(ProjectFields.object(project, context)),
            ])
    }
}
