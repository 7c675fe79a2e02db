package import FoundationEssentials

/// What a run wanted people to know.
package struct RunAlert: Codable, Sendable, Hashable {
    package var id: Int64
    package var time: Date
    package var level: String
    package var title: String
    package var text: String
}
