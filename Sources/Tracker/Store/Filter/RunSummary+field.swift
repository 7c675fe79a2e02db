package import Experiment
import FoundationEssentials

extension RunSummary {
    /// What the run has in a field, as a filter would see it; nil where it has nothing.
    package func value(of field: RunField) -> JSONValue? {
        switch field {
        case .config(let path):
            Self.look(up: path, in: config) ?? (path.last == "value" ? Self.look(up: path.dropLast(), in: config) : nil)
        case .summary(let path): Self.look(up: path, in: summary)
        case .column(let column): value(of: column)
        }
    }

    private func value(of column: RunColumn) -> JSONValue? {
        switch column {
        case .id, .handle: .string(id.rawValue)
        case .displayName: .string(name)
        case .project: .string(project)
        case .state: .string(state.rawValue)
        case .group: group.map(JSONValue.string)
        case .jobType: jobType.map(JSONValue.string)
        case .sweep: sweep.map(JSONValue.string)
        case .tags: .string(tags.joined(separator: ","))
        case .host: host.map(JSONValue.string)
        case .createdAt: Self.time(created)
        case .startedAt: Self.time(started)
        case .finishedAt, .heartbeatAt: Self.time(finished)
        case .duration: started.map { .double((finished ?? Date()).timeIntervalSince($0)) }
        case .username, .notes: nil
        }
    }

    private static func time(_ date: Date?) -> JSONValue? {
        date.map { .string(Date.ISO8601FormatStyle(includingFractionalSeconds: true).format($0)) }
    }

    private static func look(up path: [String], in members: [String: JSONValue]) -> JSONValue? {
        if let value = members[path.joined(separator: ".")] { return value }
        guard let first = path.first, let inner = members[first] else { return nil }
        return path.count == 1 ? inner : inner.object.flatMap { look(up: Array(path.dropFirst()), in: $0) }
    }
}
