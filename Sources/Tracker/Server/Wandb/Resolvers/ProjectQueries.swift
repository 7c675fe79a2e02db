import Experiment
import GraphQL
import TrackerStore

/// Projects, and what lies below them. Runs of any entity's name are the one entity's (docs/decisions/0008).
struct ProjectQueries: GraphQLObject {
    static let defaultProject = "uncategorized"
    private static let pageLimit = 1_000

    let context: WandbContext

    var typename: String { "Query" }

    func field(_ name: String, _ arguments: GraphQLArguments) async throws -> GraphQLValue? {
        switch name {
        case "project", "model":
            let project = arguments.string("name") ?? Self.defaultProject
            // What a token may not see is not there.
            guard context.principal.refusal(.read, project: project) == nil else { return .null }
            guard let known = try await context.store.clientProject(project) else { return .null }
            return .object(ProjectFields.object(known, context))
        case "models", "projects":
            return page(try await context.store.clientProjects(only: context.principal.onlyProject), arguments)
        default: return nil
        }
    }

    /// In the order of names; a cursor is the name of the last one.
    private func page(_ projects: [ClientProject], _ arguments: GraphQLArguments) -> GraphQLValue {
        let limit = max(0, min(arguments.int("first") ?? Self.pageLimit, Self.pageLimit))
        let after = arguments.string("after")
        let rest = after.map { after in Array(projects.drop { $0.name != after }.dropFirst()) } ?? projects
        return Connection.value(
            "ProjectConnection",
            rest.prefix(limit).map { (node: .object(ProjectFields.object($0, context)), cursor: $0.name) },
            hasNext: rest.count > limit)
    }
}
