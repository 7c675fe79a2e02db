package import FoundationEssentials

/// A project is what its runs and sweeps name.
package struct ProjectSummary: Codable, Sendable, Hashable {
    package var name: String
    package var runs: Int
    package var sweeps: Int
    /// When its newest run or sweep was made.
    package var newest: Date
}
