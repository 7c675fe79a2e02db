import GraphQL
import TrackerStore

/// What is asked of a type of artifacts: a word that some collections of a project share.
struct ArtifactTypeFields: GraphQLObject {
    let name: String
    let project: String
    let context: WandbContext

    init(name: String, _ project: String, _ context: WandbContext) {
        self.name = name
        self.project = project
        self.context = context
    }

    var typename: String { "ArtifactType" }

    func field(_ name: String, _ arguments: GraphQLArguments) async throws -> GraphQLValue? {
        switch name {
        case "id": return .string("type:\(project):\(self.name)")
        case "name": return .string(self.name)
        case "description": return .null
        case "createdAt": return .string(try await context.store.clientProject(project)?.created.wandbText)
        case "artifactCollection", "artifactSequence":
            let found = try await context.store.artifactCollections(
                project: project, type: self.name, name: try arguments.required("name"), limit: 1)
            return .optional(found.first.map { ArtifactCollectionFields(collection: $0, context: context) })
        case "artifactCollections", "artifactSequences":
            return try await ProjectArtifactFields.collections(project, type: self.name, arguments, context)
        default: return nil
        }
    }
}
