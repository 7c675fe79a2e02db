import Experiment

/// Keys and values of a config, a summary or a row of the history.
struct WandbChanges {
    struct Change {
        /// From the outside in; never empty.
        var path: [String] = []
        /// Nil: the key goes.
        var value: JSONValue?
    }

    private(set) var changes: [Change] = []

    init() {}

    /// `updates`, `removals`: numbers of the fields that hold items.
    init(items: ProtobufReader, updates: Int, removals: Int? = nil) {
        for item in items where item.number == updates || item.number == removals {
            var change = Change()
            for field in item.fields {
                switch field.number {
                case 1: change.path = [field.text]
                case 2: change.path.append(field.text)
                case 16: change.value = (try? JSONParser.parse(Array(field.bytes))) ?? .string(field.text)
                // Newer clients write a row's values by type.
                case 3: change.value = .null
                case 4: change.value = .bool(field.bool)
                case 5: change.value = .int(field.zigzag)
                case 6: change.value = .double(field.double)
                case 7: change.value = .string(field.text)
                case 8: change.value = (try? JSONParser.parse(Array(field.bytes))) ?? .string(field.text)
                default: break
                }
            }
            if item.number == removals { change.value = nil }
            if !change.path.isEmpty { changes.append(change) }
        }
    }

    func apply(to members: inout [String: JSONValue]) {
        for change in changes { Self.set(change.value, at: change.path[...], in: &members) }
    }

    private static func set(_ value: JSONValue?, at path: ArraySlice<String>, in members: inout [String: JSONValue]) {
        guard let key = path.first else { return }
        guard path.count > 1 else {
            members[key] = value
            return
        }
        var inner: [String: JSONValue] = [:]
        if case .object(let known)? = members[key] { inner = known }
        set(value, at: path.dropFirst(), in: &inner)
        members[key] = .object(inner)
    }
}
