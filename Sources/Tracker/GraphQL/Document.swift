import Experiment

/// A parsed request: its operations and the fragments that they share.
struct Document {
    var operations: [Operation] = []
    var fragments: [String: [Selection]] = [:]
}

struct Operation {
    enum Kind: String { case query, mutation, subscription }

    var kind: Kind
    var name: String?
    var variables: [VariableDefinition] = []
    var selections: [Selection] = []
}

struct VariableDefinition {
    var name: String
    var defaultValue: ValueNode?
}

enum Selection {
    case field(Field)
    case spread(name: String, [Directive])
    case inline([Selection], [Directive])
}

struct Field {
    /// The name it has in the answer: the alias where there is one.
    var key: String
    var name: String
    var arguments: [(name: String, value: ValueNode)] = []
    var directives: [Directive] = []
    var selections: [Selection] = []
}

struct Directive {
    var name: String
    var arguments: [(name: String, value: ValueNode)]
}

/// A value in the query's text; enumeration values are strings.
indirect enum ValueNode {
    case literal(JSONValue)
    case variable(String)
    case list([ValueNode])
    case object([(name: String, value: ValueNode)])
}
