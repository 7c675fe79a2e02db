package import Experiment

/// What a client posts: a query, its variables, and which of its operations is meant.
package struct GraphQLRequest: Sendable {
    package var query: String
    package var variables: [String: JSONValue]
    package var operationName: String?

    package init(query: String, variables: [String: JSONValue] = [:], operationName: String? = nil) {
        self.query = query
        self.variables = variables
        self.operationName = operationName
    }

    /// Reads `{"query":…,"variables":…,"operationName":…}`.
    package init(body: [UInt8]) throws(GraphQLError) {
        let message: JSONValue
        do { message = try JSONParser.parse(body) } catch { throw GraphQLError(code: error.code, error.description) }
        guard let members = message.object, let query = members["query"]?.string else {
            throw GraphQLError(code: "bad_request", "the request has no query; send {\"query\": \"...\"}")
        }
        self.init(
            query: query, variables: members["variables"]?.object ?? [:],
            operationName: members["operationName"]?.string)
    }
}
