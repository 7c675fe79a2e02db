/// Something that `tracker doctor` has to say.
package struct Finding: Codable, Sendable, Hashable {
    package enum Severity: String, Codable, Sendable {
        /// Good to know; nothing is wrong.
        case note
        case problem
    }

    package var severity: Severity
    /// Stable and machine-readable, as `missing_file`.
    package var code: String
    package var message: String
    /// What to do; empty where there is nothing.
    package var remedy: String
    /// Whether this call has mended it.
    package var isRepaired = false
}
