package import Experiment

/// How often a stage is started, and after what.
package struct RetryPolicy: Sendable, Hashable {
    /// Starts in all, the first included.
    package var attempts: Int
    /// Failures after which it is started again; nil: all but wrong settings and a person's cancelling.
    package var causes: Set<FailureCause>?

    package init(attempts: Int = 3, causes: Set<FailureCause>? = nil) {
        self.attempts = attempts
        self.causes = causes
    }

    package func allows(_ cause: FailureCause) -> Bool {
        causes?.contains(cause) ?? (cause != .settings && cause != .cancelled)
    }
}

extension RetryPolicy {
    init(_ value: YAMLValue) throws {
        let reader = try MappingReader(value, subject: "'retry'", keys: ["attempts", "on"])
        var policy = RetryPolicy()
        if let attempts = try reader.positiveInt("attempts") {
            guard attempts <= 100 else {
                throw SweepDefinitionError(
                    .invalidValue, at: reader.keyPosition("attempts"), "'attempts' of 'retry' is at most 100")
            }
            policy.attempts = attempts
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
