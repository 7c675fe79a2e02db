/// Which values of a metric are better.
package enum Goal: String, Codable, Sendable, CaseIterable {
    case minimize
    case maximize

    package func isBetter(_ value: Double, than other: Double) -> Bool {
        self == .minimize ? value < other : value > other
    }
}
