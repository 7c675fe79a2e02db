package import Experiment

/// The metric that a sweep is about, with W&B's rules for runs that have no value of it.
package struct Objective: Sendable, Hashable {
    /// What stands for the value of a run that has none, or that did not end well.
    package enum Imputation: String, Sendable, CaseIterable {
        case latest
        case best
        case worst
    }

    package var name: String
    package var goal: Goal
    /// The sweep is over once a run reaches it.
    package var target: Double?
    package var impute: Imputation
    /// Nil: a running run's value is not used yet.
    package var imputeWhileRunning: Imputation?

    package init(
        name: String, goal: Goal = .minimize, target: Double? = nil, impute: Imputation = .worst,
        imputeWhileRunning: Imputation? = nil
    ) {
        self.name = name
        self.goal = goal
        self.target = target
        self.impute = impute
        self.imputeWhileRunning = imputeWhileRunning
    }
}

extension Objective {
    static let keys = ["name", "goal", "target", "impute", "impute_while_running"]

    init(_ value: YAMLValue) throws {
        let reader = try MappingReader(value, subject: "the metric", keys: Objective.keys)
        _ = try reader.required("name", hint: "a metric that the runs log, as loss")
        let goal = try reader.word("goal", of: Goal.allCases.map(\.rawValue)).flatMap(Goal.init)
        let rules = Imputation.allCases.map(\.rawValue)
        let impute = try reader.word("impute", of: rules).flatMap(Imputation.init)
        var whileRunning: Imputation?
        if case .scalar(.bool(false))? = reader.value("impute_while_running")?.content {
        } else {
            whileRunning = try reader.word("impute_while_running", of: rules + ["false"]).flatMap(Imputation.init)
        }
        self.init(
            name: try reader.string("name") ?? "", goal: goal ?? .minimize, target: try reader.number("target"),
            impute: impute ?? .worst, imputeWhileRunning: whileRunning)
    }

    /// The metric of a definition, where it names one.
    static func read(_ reader: MappingReader) throws -> Objective? { try reader.value("metric").map(Objective.init) }
}
