package import Experiment

/// How often a stage is started, and after what.
package struct RetryPolicy: Sendable, Hashable {
    /// Starts in all, the first included.
    package var attempts: Int
    /// Failures after which it is started again; nil: all but wrong settings and a person's cancelling.
    package var causes: Set<FailureCause>?
    /// Seconds before the second start; each further pause is twice as long.
    package var backoff: Int?

    package init(attempts: Int = 3, causes: Set<FailureCause>? = nil, backoff: Int? = nil) {
        self.attempts = attempts
        self.causes = causes
        self.backoff = backoff
    }

    /// No pause is longer, in seconds.
    package static let longestPause = 3600.0

    /// Seconds to wait after the attempt of this number has failed; nil: none. What a machine did to it, its loss or a
    /// preemption, says nothing against trying at once.
    package func pause(after attempt: Int, _ cause: FailureCause) -> Double? {
        guard let backoff, cause != .nodeFailure, cause != .preempted else { return nil }
        return min(Double(backoff) * Double(1 << min(max(attempt, 1) - 1, 20)), RetryPolicy.longestPause)
    }

    package func allows(_ cause: FailureCause) -> Bool {
        causes?.contains(cause) ?? (cause != .settings && cause != .cancelled)
    }
}

extension RetryPolicy {
    init(_ value: YAMLValue) throws {
        let reader = try MappingReader(value, subject: "'retry'", keys: ["attempts", "on", "backoff"])
        var policy = RetryPolicy()
        if let attempts = try reader.positiveInt("attempts") {
            guard attempts <= 100 else {
                throw SweepDefinitionError(
                    .invalidValue, at: reader.keyPosition("attempts"), "'attempts' of 'retry' is at most 100")
            }
            policy.attempts = attempts
        }
        policy.backoff = try reader.seconds("backoff")
        if let backoff = policy.backoff, Double(backoff) > RetryPolicy.longestPause {
            throw SweepDefinitionError(
                .invalidValue, at: reader.keyPosition("backoff"), "'backoff' of 'retry' is at most 1h")
        }
        if let words = try reader.list("on") {
            let known = FailureCause.allCases.map(\.rawValue)
            policy.causes = Set(
                try words.map { word in
                    guard case .scalar(.string(let text)) = word.content, let cause = FailureCause(rawValue: text)
                    else {
                        throw SweepDefinitionError(
                            .invalidValue, at: word.position,
                            "'on' of 'retry' lists causes, which are \(known.joined(separator: ", ")), not \(word.spoken)"
                                + didYouMean(word.json.label, among: known))
                    }
                    return cause
                })
        }
        self = policy
    }
}
