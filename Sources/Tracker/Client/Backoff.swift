/// Growing pauses between tries, spread at random so that many runs do not come back at the same moment.
struct Backoff {
    private(set) var failures = 0

    static let first = 0.25
    static let longest = 30.0

    mutating func reset() { failures = 0 }

    /// Seconds to wait after one more failure: half to all of `first` doubled with each failure, at most `longest`.
    mutating func next(using generator: inout some RandomNumberGenerator) -> Double {
        let ceiling = min(Self.longest, Self.first * Double(1 << min(failures, 20)))
        failures += 1
        return Double.random(in: ceiling / 2...ceiling, using: &generator)
    }
}
