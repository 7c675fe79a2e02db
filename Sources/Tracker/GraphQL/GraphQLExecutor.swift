import Experiment

/// Answers requests from two objects, what can be asked and what can be done.
///
/// There is no schema to check against, on purpose: clients of many versions ask for many things, and whatever an
/// object does not know is null. Fragments apply to whatever they are spread on, whichever type they name.
package struct GraphQLExecutor: Sendable {
    private let query: any GraphQLObject
    private let mutation: any GraphQLObject
    private let limits: GraphQLLimits
    /// What the client is told about an error of a resolver; nil: the error ends the whole request.
    private let explain: @Sendable (any Error) -> GraphQLError?

    package init(
        query: any GraphQLObject, mutation: any GraphQLObject, limits: GraphQLLimits = GraphQLLimits(),
        explain: @escaping @Sendable (any Error) -> GraphQLError? = { $0 as? GraphQLError }
    ) {
        self.query = query
        self.mutation = mutation
        self.limits = limits
        self.explain = explain
    }

    /// The answer as strict JSON, `{"data":…}` with `"errors"` where there are any. Throws only what `explain` has no
    /// word for.
    package func execute(_ request: GraphQLRequest) async throws -> [UInt8] {
        do {
            let document = try Parser.parse(request.query, limits: limits)
            let operation = try Self.operation(of: document, named: request.operationName)
            var execution = try Execution(
                document, operation, variables: request.variables, limits: limits, explain: explain)
            return try await execution.run(on: operation.kind == .mutation ? mutation : query)
        } catch let error as GraphQLError {
            return Execution.answer(data: Array("null".utf8), errors: [(error, [])])
        }
    }

    private static func operation(of document: Document, named name: String?) throws(GraphQLError) -> Operation {
        let named = name.flatMap { name in document.operations.first { $0.name == name } }
        guard let operation = named ?? (document.operations.count == 1 ? document.operations.first : nil) else {
            throw GraphQLError(
                code: "no_operation", "the query has \(document.operations.count) operations; say which by its name")
        }
        guard operation.kind != .subscription else {
            throw GraphQLError(code: "no_subscriptions", "the tracker has no subscriptions; ask again later instead")
        }
        return operation
    }
}
