/// What a run has logged of the metric that early stopping looks at.
package struct RunCurve: Sendable, Hashable {
    package var run: String
    package var isRunning: Bool
    /// In the order of logging.
    package var values: [Double]

    package init(run: String, isRunning: Bool, values: [Double]) {
        self.run = run
        self.isRunning = isRunning
        self.values = values
    }

    /// The best of the first `count` values, less is better; what is not finite is worse than all that is.
    func best(of count: Int, sign: Double) -> Double {
        values.prefix(count).reduce(.infinity) { $1.isFinite ? min($0, sign * $1) : $0 }
    }
}
