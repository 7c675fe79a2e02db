package import FoundationEssentials

/// One logged value, exactly as it was logged; its time is kept to the microsecond.
package struct MetricPoint: Codable, Sendable, Hashable {
    package var metric: String
    package var attempt: Int
    package var sequence: Int64
    package var step: Int64
    package var time: Date
    package var value: Double

    package init(metric: String, attempt: Int, sequence: Int64, step: Int64, time: Date, value: Double) {
        self.metric = metric
        self.attempt = attempt
        self.sequence = sequence
        self.step = step
        self.time = time
        self.value = value
    }
}
