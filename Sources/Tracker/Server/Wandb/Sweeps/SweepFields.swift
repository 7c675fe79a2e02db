import Experiment
import GraphQL
import SweepSearch
import TrackerStore

/// What is asked of a sweep.
struct SweepFields: GraphQLObject {
    let sweep: DrawnSweep
    let context: WandbContext

    var typename: String { "Sweep" }

    func field(_ name: String, _ arguments: GraphQLArguments) async throws -> GraphQLValue? {
        switch name {
        case "id", "name": .string(sweep.id)
        case "displayName": .string(sweep.name)
        case "method": .string(sweep.method)
        case "state": .string(try await state().rawValue)
        case "description": .string(sweep.description)
        case "config": .string(sweep.definition)
        case "createdAt": .string(sweep.created.wandbText)
        case "updatedAt", "heartbeatAt": .string(sweep.updated.wandbText)
        case "bestLoss": .json(sweep.best.flatMap { $0.isFinite ? .double($0) : nil } ?? .null)
        case "runCount": .int(sweep.runCount)
        case "runCountExpected": .int(try? DrawnSearch(sweep).searcher.expectedRuns)
        case "earlyStopJobRunning": .bool(false)
        case "controller", "scheduler": .null
        case "project":
            .optional(try await context.store.clientProject(sweep.project).map { ProjectFields.object($0, context) })
        case "runs": try await runs()
        default: nil
        }
    }

    /// What a sweep of stages has come to is known from these.
    private func state() async throws -> SweepState {
        guard sweep.hasStages else { return sweep.state }
        return switch try await context.store.sweep(idOrName: sweep.id).state {
        case .running: .running
        case .paused: .paused
        case .canceled: .canceled
        case .finished, .failed: .finished
        }
    }

    private func runs() async throws -> GraphQLValue {
        let runs = try await context.store.clientRuns(sweep: sweep.id)
        return Connection.value(
            "RunConnection", runs.map { (node: .object(RunFields.object($0, context)), cursor: $0.id.rawValue) },
            hasNext: false)
    }
}
