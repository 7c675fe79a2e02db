import GraphQL

/// A page of a list, in the form of Relay.
enum Connection {
    static func value(
        _ typename: String, _ nodes: [(node: GraphQLValue, cursor: String)], hasNext: Bool, total: Int? = nil
    ) -> GraphQLValue {
        .record(
            typename,
            [
                "edges": .list(nodes.map { .record("Edge", ["node": $0.node, "cursor": .string($0.cursor)]) }),
                "pageInfo": .record(
                    "PageInfo", ["hasNextPage": .bool(hasNext), "endCursor": .string(nodes.last?.cursor)]),
                "totalCount": .int(total),
            ])
    }
}
