package import FoundationEssentials

/// A line of a run's output.
package struct ConsoleLine: Codable, Sendable, Hashable {
    /// Its place, from 0.
    package var line: Int64
    package var time: Date?
    package var isError: Bool
    /// Which of the processes that write to one run printed it.
    package var label: String?
    package var text: String

    package init(line: Int64, time: Date? = nil, isError: Bool = false, label: String? = nil, text: String) {
        self.line = line
        self.time = time
        self.isError = isError
        self.label = label
        self.text = text
    }
}
