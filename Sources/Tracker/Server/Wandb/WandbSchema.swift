import GraphQL
import TrackerStore

/// What W&B's clients can ask and do, put together from the resolvers' files.
///
/// To add a file: a struct conforming to `GraphQLObject` whose `field` switches over the names that it knows and
/// returns nil for the rest, listed here in `query` or `mutation`, or where the type's fields are listed
/// (``ProjectFields/object(_:_:)``, ``RunFields/object(_:_:)``).
enum WandbSchema {
    static func executor(_ context: WandbContext) -> GraphQLExecutor {
        GraphQLExecutor(
            query: GraphQLComposite(
                "Query", [ViewerQueries(), ProjectQueries(context: context), ArtifactQueries(context: context)]),
            mutation: GraphQLComposite(
                "Mutation",
                [
                    RunMutations(context: context), FileMutations(context: context), SweepMutations(context: context),
                    ArtifactMutations(context: context), UnknownMutations(),
                ]),
            explain: explain)
    }

    /// What the client did wrong is told to it with status 200; everything else is a failure of the request, which the
    /// client sends again.
    private static func explain(_ error: any Error) -> GraphQLError? {
        switch error {
        case let error as GraphQLError: error
        case let error as StoreError: GraphQLError(code: error.code, error.description)
        default: nil
        }
    }
}
