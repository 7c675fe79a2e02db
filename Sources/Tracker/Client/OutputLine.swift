/// A line that a run printed, as the tracker has it.
package struct OutputLine: Decodable, Sendable, Hashable {
    /// Its place, from 0.
    package var line: Int64
    package var text: String
}
