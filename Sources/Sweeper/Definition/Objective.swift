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
    /// Its share of a sum of several metrics; nil where they are compared by Pareto dominance.
    package var weight: Double?

    package init(
        name: String, goal: Goal = .minimize, target: Double? = nil, impute: Imputation = .worst,
        imputeWhileRunning: Imputation? = nil, weight: Double? = nil
    ) {
        self.name = name
        self.goal = goal
        self.target = target
        self.impute = impute
        self.imputeWhileRunning = imputeWhileRunning
        self.weight = weight
    }
}

extension Objective {
    static let keys = ["name", "goal", "target", "impute", "impute_while_running"]

    /// `isOneOfSeveral`: of the list `metrics`, whose entries may have a weight.
    init(_ value: YAMLValue, isOneOfSeveral: Bool = false) throws {
        let reader = try MappingReader(
            value, subject: isOneOfSeveral ? "a metric" : "the metric",
            keys: Objective.keys + (isOneOfSeveral ? ["weight"] : []))
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
            impute: impute ?? .worst, imputeWhileRunning: whileRunning,
            weight: isOneOfSeveral ? try Objective.weight(reader) : nil)
    }

    private static func weight(_ reader: MappingReader) throws -> Double? {
        guard let weight = try reader.number("weight") else { return nil }
        guard weight > 0 else {
            throw SweepDefinitionError(
                .invalidValue, at: reader.keyPosition("weight"),
                "'weight' of a metric must be above 0; 'goal' says which way is better")
        }
        return weight
    }

    /// The metrics of a definition: `metric`, or the list `metrics` of two or more.
    static func list(_ reader: MappingReader) throws -> [Objective] {
        let single = try reader.value("metric").map { try Objective($0) }
        guard let items = try reader.list("metrics") else { return single.map { [$0] } ?? [] }
        guard single == nil else {
            throw SweepDefinitionError(
                .unknownKey, at: reader.keyPosition("metrics"), "give 'metric' or 'metrics', not both")
        }
        guard items.count >= 2 else {
            throw SweepDefinitionError(
                .invalidValue, at: reader.keyPosition("metrics"), "'metrics' lists two or more; name one as 'metric'")
        }
        let objectives = try items.map { try Objective($0, isOneOfSeveral: true) }
        var names: Set<String> = []
        for (objective, item) in zip(objectives, items) where !names.insert(objective.name).inserted {
            throw SweepDefinitionError(
                .invalidValue, at: item.position, "'metrics' names '\(objective.name.prefix(60))' twice; keep one")
        }
        return objectives
    }
}
