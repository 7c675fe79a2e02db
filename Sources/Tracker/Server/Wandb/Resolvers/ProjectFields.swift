import Experiment
import GraphQL
import TrackerStore

/// What is asked of a project, beside its sweeps and artifacts.
struct ProjectFields: GraphQLObject {
    private static let pageLimit = 1_000

    let project: ClientProject
    let context: WandbContext

    /// A project with everything that can be asked of it.
    static func object(_ project: ClientProject, _ context: WandbContext) -> any GraphQLObject {
        GraphQLComposite(
            "Project",
            [
                ProjectFields(project: project, context: context),
                ProjectSweepFields(project: project.name, context: context),
                ProjectArtifactFields(project: project.name, context: context),
            ])
    }

    var typename: String { "Project" }

    func field(_ name: String, _ arguments: GraphQLArguments) async throws -> GraphQLValue? {
        switch name {
        case "id": .string("project:\(project.name)")
        case "internalId": .string(Self.internalID(project.name))
        case "name": .string(project.name)
        case "entityName": .string(WandbContext.entity)
        case "entity": WandbContext.entityValue
        case "createdAt": .string(project.created.wandbText)
        case "isBenchmark", "readOnly": .bool(false)
        case "access": .string("PRIVATE")
        case "runCount": .int(try await context.store.count(matching: try predicate(arguments)))
        case "runs": try await runs(arguments)
        case "run", "bucket":
            if let run = try await context.run(project: project.name, handle: try arguments.required("name")) {
                .object(RunFields.object(run, context))
            } else {
                .null
            }
        default: nil
        }
    }

    /// A number that stands for the project; clients want one in digits.
    static func internalID(_ project: String) -> String {
        String(UInt64(SHA256.hex(project).prefix(12), radix: 16) ?? 0)
    }

    private func predicate(_ arguments: GraphQLArguments) throws -> RunPredicate {
        let mine = RunPredicate.equals(.column(.project), .string(project.name))
        guard let text = arguments.string("filters"), !text.isEmpty else { return mine }
        return .all([mine, try RunPredicate(wandb: text)])
    }

    private func runs(_ arguments: GraphQLArguments) async throws -> GraphQLValue {
        let limit = max(0, min(arguments.int("first") ?? 50, Self.pageLimit))
        let after = arguments.string("after").flatMap { $0.isEmpty ? nil : $0 }
        let cursor = after.flatMap { RunCursor($0) }
        guard (after == nil) == (cursor == nil) else {
            throw GraphQLError(code: "bad_cursor", "the cursor is none of this list; start again without one")
        }
        let selected = try await context.store.selectedRuns(
            matching: try predicate(arguments), order: try RunOrder(wandb: arguments.string("order") ?? ""),
            limit: limit + 1, after: cursor)
        let page = selected.prefix(limit)
        let runs = try await context.store.clientRuns(numbers: page.map(\.number))
        let cursors = Dictionary(page.map { ($0.number, $0.cursor.text) }) { first, _ in first }
        return Connection.value(
            "RunConnection",
            runs.map { (node: .object(RunFields.object($0, context)), cursor: cursors[$0.number] ?? "") },
            hasNext: selected.count > limit)
    }
}
