package import Experiment

/// Rows of a run's history or system metrics as a client sends them: each at its line in a file.
package struct ClientRows: Sendable {
    package struct Row: Sendable {
        package var step: Int64
        /// Microseconds since 1970; nil where the client does not say.
        package var time: Int64?
        package var values: [String: Double]
        package var others: [String: JSONValue]

        package init(step: Int64, time: Int64?, values: [String: Double], others: [String: JSONValue]) {
            self.step = step
            self.time = time
            self.values = values
            self.others = others
        }
    }

    /// Line of the first row, from 0.
    package var offset: Int64
    package var rows: [Row]

    package init(offset: Int64, rows: [Row]) {
        self.offset = offset
        self.rows = rows
    }
}

/// What a client reports of a run at once. A report that is empty is a sign of life.
package struct ClientReport: Sendable {
    package var history: ClientRows?
    package var system: ClientRows?
    /// The whole summary.
    package var summary: [String: JSONValue]?
    package var console: [ConsoleLine] = []
    /// The process has ended.
    package var isComplete = false
    package var exitCode: Int32?
    /// The machine is about to be taken away.
    package var isPreempting = false

    package init() {}
}
