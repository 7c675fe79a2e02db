/// `early_terminate`: when a run is not worth its time. W&B's hyperband, and two rules of ours beside it.
package enum EarlyTermination: Sendable, Hashable {
    package struct Hyperband: Sendable, Hashable {
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

    package struct SuccessiveHalving: Sendable, Hashable {
        /// Values of the first rung, `min_iter`.
        package var first: Int
        /// No rung from here on, `max_iter`.
        package var last: Int?
        package var eta: Double

        package init(first: Int, last: Int? = nil, eta: Double = 3) {
            self.first = first
            self.last = last
            self.eta = eta
        }
    }

    package struct Median: Sendable, Hashable {
        /// No run is stopped before so many values, `min_iter`.
        package var first: Int
        /// Nor before so many runs came as far and are over, `min_runs`.
        package var minimumRuns: Int

        package init(first: Int, minimumRuns: Int = 5) {
            self.first = first
            self.minimumRuns = minimumRuns
        }
    }

    case hyperband(Hyperband)
    case successiveHalving(SuccessiveHalving)
    case median(Median)
}

extension EarlyTermination {
    /// What each type takes, beside `type`.
    private static let keys = [
        "hyperband": ["min_iter", "max_iter", "s", "eta", "strict"], "asha": ["min_iter", "max_iter", "eta"],
        "median": ["min_iter", "min_runs"],
    ]
    private static let types = ["hyperband", "asha", "median"]

    init(_ value: YAMLValue) throws {
        let all = ["type", "min_iter", "max_iter", "s", "eta", "strict", "min_runs"]
        let reader = try MappingReader(value, subject: "early_terminate", keys: all)
        _ = try reader.required("type", hint: "hyperband, asha or median")
        let type = try reader.word("type", of: EarlyTermination.types) ?? "hyperband"
        let own = EarlyTermination.keys[type] ?? []
        if let other = all.dropFirst().first(where: { reader.has($0) && !own.contains($0) }) {
            throw SweepDefinitionError(
                .unknownKey, at: reader.keyPosition(other),
                "'\(other)' of early_terminate does not belong to the type \(type), which takes "
                    + own.joined(separator: ", "))
        }
        self =
            switch type {
            case "asha": .successiveHalving(try SuccessiveHalving(reader))
            case "median":
                .median(
                    Median(
                        first: try EarlyTermination.first(reader), minimumRuns: try reader.positiveInt("min_runs") ?? 5)
                )
            default: .hyperband(try Hyperband(reader))
            }
    }

    fileprivate static func first(_ reader: MappingReader) throws -> Int {
        _ = try reader.required("min_iter", hint: "how many values a run logs before it may be stopped")
        return try reader.positiveInt("min_iter") ?? 1
    }

    fileprivate static func eta(_ reader: MappingReader) throws -> Double {
        let eta = try reader.number("eta") ?? 3
        guard eta > 1 else {
            throw SweepDefinitionError(
                .invalidValue, at: reader.keyPosition("eta"), "'eta' of early_terminate must be above 1")
        }
        return eta
    }
}

extension EarlyTermination.SuccessiveHalving {
    fileprivate init(_ reader: MappingReader) throws {
        self.init(
            first: try EarlyTermination.first(reader), last: try reader.positiveInt("max_iter"),
            eta: try EarlyTermination.eta(reader))
        if let last, last <= first {
            throw SweepDefinitionError(
                .invalidValue, at: reader.keyPosition("max_iter"),
                "'max_iter' of early_terminate must be above 'min_iter', or no run could ever be stopped")
        }
    }
}

extension EarlyTermination.Hyperband {
    fileprivate init(_ reader: MappingReader) throws {
        let (first, last) = (try reader.positiveInt("min_iter"), try reader.positiveInt("max_iter"))
        let count = try reader.positiveInt("s")
        eta = try EarlyTermination.eta(reader)
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
