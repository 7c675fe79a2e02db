import Experiment
import Foundation
import GraphQL
import TrackerStore

/// What is asked of a run, beside its histories, files and console lines.
struct RunFields: GraphQLObject {
    let run: ClientRun
    let context: WandbContext

    /// A run with everything that can be asked of it.
    static func object(_ run: ClientRun, _ context: WandbContext) -> any GraphQLObject {
        GraphQLComposite(
            "Run",
            [
                RunFields(run: run, context: context), RunHistoryFields(run: run, store: context.store),
                RunFileFields(run: run, context: context), RunConsoleFields(run: run, store: context.store),
                RunArtifactFields(run: run, context: context),
            ])
    }

    var typename: String { "Run" }

    func field(_ name: String, _ arguments: GraphQLArguments) async throws -> GraphQLValue? {
        switch name {
        case "id": .string(run.id.rawValue)
        case "internalId": .string(String(run.number))
        case "name": .string(run.handle)
        case "displayName": .string(run.name ?? run.handle)
        case "state": .string(run.state.rawValue)
        case "group", "groupName": .string(run.group)
        case "jobType": .string(run.jobType)
        case "sweepName": .string(run.sweep)
        case "tags": .strings(run.tags)
        case "notes": .string(run.notes)
        case "description": .string(run.details)
        case "commit": .string(run.code.members["commit"]?.string)
        case "repo": .string(run.code.members["remote"]?.string)
        case "host": .string(run.host)
        case "program", "jobProgram": .string(run.program)
        case "readOnly": .bool(false)
        case "stopped": .bool(run.isStopRequested)
        case "createdAt": .string(run.created.wandbText)
        case "heartbeatAt": .string((run.heartbeat ?? run.finished ?? run.started ?? run.created).wandbText)
        case "updatedAt": .string((run.finished ?? run.heartbeat ?? run.created).wandbText)
        case "computeSeconds": .int(seconds)
        case "config":
            .string(WandbConfig(config: run.config.members, client: run.clientConfig.members).text)
        case "wandbConfig": .jsonString(.object(clientConfig(arguments.strings("keys"))))
        case "summaryMetrics": .string(run.summary.text)
        case "user", "creator": user
        case "projectId": .string(ProjectFields.internalID(run.project))
        case "project": try await project
        default: nil
        }
    }

    private var seconds: Int {
        guard let started = run.started else { return 0 }
        return max(0, Int((run.finished ?? run.heartbeat ?? started).timeIntervalSince(started)))
    }

    /// Whether its `t` is there tells a client whether the run has ever begun.
    private func clientConfig(_ keys: [String]?) -> [String: JSONValue] {
        run.clientConfig.members.filter { keys?.contains($0.key) ?? true }
    }

    private var user: GraphQLValue {
        let name = run.username ?? WandbContext.entity
        return .record("User", ["id": .string("user:\(name)"), "name": .string(name), "username": .string(name)])
    }

    private var project: GraphQLValue {
        get async throws {
            .optional(try await context.store.clientProject(run.project).map { ProjectFields.object($0, context) })
        }
    }
}
