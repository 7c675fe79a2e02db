/// How far a sweep has come that agents draw from.
package struct DrawnProgress: Codable, Sendable, Hashable {
    /// `grid`, `random` or `bayes`.
    package var method: String
    package var state: SweepState
    /// Runs by state; states that no run has are left out.
    package var runs: [String: Int]

    package init(method: String, state: SweepState, runs: [String: Int]) {
        self.method = method
        self.state = state
        self.runs = runs
    }
}
