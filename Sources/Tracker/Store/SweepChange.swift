/// A sweep of which something has changed since somebody last looked: what, is to be asked for.
package struct SweepChange: Codable, Sendable, Hashable {
    /// Id.
    package var sweep: String
    package var project: String
}
