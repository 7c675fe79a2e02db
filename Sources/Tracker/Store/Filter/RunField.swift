import Experiment

/// What of a run a filter looks at, or an order sorts by.
package enum RunField: Sendable, Hashable {
    case column(RunColumn)
    /// Names from the outside in; a name may itself hold dots, see ``RunField/sql``.
    case config([String])
    case summary([String])
}

extension RunField {
    /// A field as W&B's API spells it: `config.lr.value`, `summary_metrics.loss`, `displayName`; `name` is the id.
    package init(wandb text: String) throws(StoreError) {
        let columns: [String: RunColumn] = [
            "name": .handle, "displayName": .displayName, "jobType": .jobType, "createdAt": .createdAt,
            "heartbeatAt": .heartbeatAt, "group_name": .group, "user": .username, "user.username": .username,
            "runtime": .duration, "sweepName": .sweep,
        ]
        try self.init(text, columns: columns)
    }

    /// A field as people type it: `config.lr`, `summary.loss`; `run` is the id and `name` the one shown.
    package init(words text: String) throws(StoreError) {
        let columns: [String: RunColumn] = [
            "run": .id, "name": .displayName, "job": .jobType, "created": .createdAt, "started": .startedAt,
            "finished": .finishedAt, "user": .username, "tag": .tags,
        ]
        try self.init(text, columns: columns)
    }

    /// `columns`: names beside those of ``RunColumn``.
    private init(_ text: String, columns: [String: RunColumn]) throws(StoreError) {
        guard text.utf8.count <= FilterLimits.fieldBytes else {
            throw StoreError(.invalidQuery, "a field's name has at most \(FilterLimits.fieldBytes) bytes")
        }
        if let column = columns[text] ?? RunColumn(rawValue: text) {
            self = .column(column)
            return
        }
        let path = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard path.count > 1 else {
            let known = columns.keys + RunColumn.allCases.map(\.rawValue)
            throw StoreError(
                .invalidQuery,
                "runs have no field '\(text)'\(didYouMean(text, among: known)); write config.\(text) or "
                    + "summary_metrics.\(text) for a key of the config or the summary")
        }
        switch path[0] {
        case "config": self = .config(Array(path.dropFirst()))
        case "summary_metrics", "summaryMetrics", "summary": self = .summary(Array(path.dropFirst()))
        default:
            throw StoreError(
                .invalidQuery, "'\(text)' is no field; those with a dot begin with config. or summary_metrics.")
        }
    }
}
