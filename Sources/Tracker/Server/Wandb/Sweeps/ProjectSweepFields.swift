import GraphQL
import TrackerStore

/// The sweeps of a project.
struct ProjectSweepFields: GraphQLObject {
    private static let pageLimit = 200

    let project: String
    let context: WandbContext

    var typename: String { "Project" }

    func field(_ name: String, _ arguments: GraphQLArguments) async throws -> GraphQLValue? {
        switch name {
        case "sweep": try await sweep(try arguments.required("sweepName"))
        case "sweeps": try await sweeps(arguments)
        case "totalSweeps": .int(try await context.store.drawnSweepCount(project: project))
        default: nil
        }
    }

    /// Null where there is none: clients say so in their own words.
    private func sweep(_ id: String) async throws -> GraphQLValue {
        do {
            return .object(
                SweepFields(sweep: try await context.store.drawnSweep(id, project: project), context: context))
        } catch let error as StoreError where error.kind == .unknownSweep {
            return .null
        }
    }

    private func sweeps(_ arguments: GraphQLArguments) async throws -> GraphQLValue {
        let limit = max(0, min(arguments.int("first") ?? 50, Self.pageLimit))
        let found = try await context.store.drawnSweeps(
            project: project, before: arguments.string("after").flatMap { Int32($0) }, limit: limit + 1)
        return Connection.value(
            "SweepConnection",
            found.prefix(limit).map {
                (node: .object(SweepFields(sweep: $0, context: context)), cursor: String($0.number))
            },
            hasNext: found.count > limit)
    }
}
