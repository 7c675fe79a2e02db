/// W&B's `early_terminate`: hyperband's bands, and what is compared in them.
package struct EarlyTermination: Sendable, Hashable {
    package enum Bands: Sendable, Hashable {
        /// `min_iter * eta^k`
        case upward(from: Int)
        /// `max_iter / eta^i` for i = 1...count, as long as that is at least 1.
        case downward(from: Int, count: Int)
    }

    package var bands: Bands
    package var eta: Double
    /// Compares a run's value at the band itself; otherwise its best so far.
    package var isStrict: Bool

    package init(bands: Bands, eta: Double = 3, isStrict: Bool = true) {
        self.bands = bands
        self.eta = eta
        self.isStrict = isStrict
    }
}

extension EarlyTermination {
    init(_ value: YAMLValue) throws {
        let keys = ["type", "min_iter", "max_iter", "s", "eta", "strict"]
        let reader = try MappingReader(value, subject: "early_terminate", keys: keys)
        _ = try reader.required("type", hint: "hyperband is the one there is")
        _ = try reader.word("type", of: ["hyperband"])
        let (first, last) = (try reader.positiveInt("min_iter"), try reader.positiveInt("max_iter"))
        let count = try reader.positiveInt("s")
        eta = try reader.number("eta") ?? 3
        guard eta > 1 else {
            throw SweepDefinitionError(
                .invalidValue, at: reader.keyPosition("eta"), "'eta' of early_terminate must be above 1")
        }
        isStrict = try reader.bool("strict") ?? true
        if let last, let count {
            guard Double(last) / eta >= 1 else {
                throw SweepDefinitionError(
                    .invalidValue, at: reader.keyPosition("max_iter"),
                    "'max_iter' of early_terminate must be at least 'eta', or no run could ever be stopped")
            }
            bands = .downward(from: last, count: count)
        } else if let first {
            bands = .upward(from: first)
        } else {
            throw SweepDefinitionError(
                .missingKey, at: reader.position, "early_terminate needs 'min_iter', or 'max_iter' and 's'")
        }
    }
}
