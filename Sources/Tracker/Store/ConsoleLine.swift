package import FoundationEssentials

/// A line of a run's output.
package struct ConsoleLine: Codable, Sendable, Hashable {
    /// Its place, from 0.
    package var line: Int64
    package var time: Date?
    package var isError: Bool
    package var text: String
}
