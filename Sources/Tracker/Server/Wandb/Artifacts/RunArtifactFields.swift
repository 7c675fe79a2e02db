import GraphQL
import TrackerStore

/// The artifacts that a run logged and read.
struct RunArtifactFields: GraphQLObject {
    private static let pageLimit = 1_000

    let run: ClientRun
    let context: WandbContext

    var typename: String { "Run" }

    func field(_ name: String, _ arguments: GraphQLArguments) async throws -> GraphQLValue? {
        switch name {
        case "outputArtifacts": try await artifacts(used: false, arguments)
        case "inputArtifacts": try await artifacts(used: true, arguments)
        default: nil
        }
    }

    private func artifacts(used: Bool, _ arguments: GraphQLArguments) async throws -> GraphQLValue {
        let limit = max(0, min(arguments.int("first") ?? 50, Self.pageLimit))
        let found = try await context.store.artifacts(
            ofRun: run.number, used: used, before: arguments.string("after").flatMap { Int32($0) }, limit: limit + 1)
        let visible = found.prefix(limit).filter {
            context.principal.refusal(.read, project: $0.collection.project) == nil
        }
        return Connection.value(
            "ArtifactConnection",
            visible.map { (node: .object(ArtifactFields(artifact: $0, context: context)), cursor: String($0.number)) },
            hasNext: found.count > limit, total: found.count)
    }
}
