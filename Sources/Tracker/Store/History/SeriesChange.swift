/// What a batch adds to the table `series`, by column of the statement: one entry a metric that occurs.
struct SeriesChange: Sendable {
    private(set) var metrics: [Int32] = []
    private(set) var counts: [Int64] = []
    private(set) var firstSteps: [Int64] = []
    private(set) var lasts: [Double] = []
    private(set) var lastSteps: [Int64] = []
    private(set) var lastSequences: [Int64] = []
    /// NaN apart.
    private(set) var minima: [Double?] = []
    private(set) var maxima: [Double?] = []
    private(set) var rising: [Bool] = []

    /// `metrics`: ids of the table's columns.
    init(_ table: HistoryTable, metrics: [Int32]) {
        for (column, metric) in zip(table.columns, metrics) {
            guard let first = column.rows.first, let last = column.rows.last, let value = column.values.last else {
                continue
            }
            self.metrics.append(metric)
            counts.append(Int64(column.rows.count))
            firstSteps.append(table.steps[Int(first)])
            lasts.append(value)
            lastSteps.append(table.steps[Int(last)])
            lastSequences.append(table.sequences[Int(last)])
            let numbers = column.values.lazy.filter { !$0.isNaN }
            minima.append(numbers.min())
            maxima.append(numbers.max())
            rising.append(
                zip(column.rows, column.rows.dropFirst()).allSatisfy { table.steps[Int($0)] < table.steps[Int($1)] })
        }
    }
}
