import Experiment
import FoundationEssentials
import Postgres

/// A sweep's own row.
struct SweepRow: Sendable {
    let number: Int32
    let id: String
    let name: String
    let project: String
    let metric: String?
    let goal: Goal
    let maximumAttempts: Int
    let variedKeys: [String]
    let created: Date

    static let columns: PostgresQuery =
        "number, id, name, project, metric, goal, maximum_attempts, varied_keys, created_at"

    init(_ row: PostgresRow) throws {
        let goal: String
        (number, id, name, project, metric, goal, maximumAttempts, variedKeys, created) = try row.decode(
            as: Int32.self, String.self, String.self, String.self, String?.self, String.self, Int.self, [String].self,
            Date.self)
        self.goal = Goal(rawValue: goal) ?? .minimize
    }
}
