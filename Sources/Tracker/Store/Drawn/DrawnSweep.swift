package import Experiment
package import FoundationEssentials
import Postgres

/// A sweep whose runs are drawn by W&B's agents.
package struct DrawnSweep: Sendable, Hashable {
    package var number: Int32
    package var id: String
    package var name: String
    package var project: String
    package var method: String
    package var state: SweepState
    package var description: String?
    /// The definition as it was sent.
    package var definition: String
    package var metric: String?
    package var goal: Goal
    package var created: Date
    package var updated: Date
    package var runCount: Int
    /// Best value of the metric in any run.
    package var best: Double?
    /// Its runs are stages, shared with our sweepers.
    package var hasStages: Bool

    static let columns: PostgresQuery =
        """
        s.number, s.id, s.name, s.project, s.method, s.state, s.description, s.definition, s.metric, s.goal,
        s.created_at, s.updated_at, (select count(*) from runs r where r.sweep = s.id),
        (select case s.goal when 'minimize' then min(e.minimum) else max(e.maximum) end
            from runs r join series e on e.run = r.number and e.stream = 0 join metrics m on m.id = e.metric
            where r.sweep = s.id and m.name = s.metric), not s.is_drawn
        """

    init(_ row: PostgresRow) throws {
        let (state, goal): (String, String)
        (
            number, id, name, project, method, state, description, definition, metric, goal, created, updated, runCount,
            best, hasStages
        ) =
            try row.decode(
                as: Int32.self, String.self, String.self, String.self, String.self, String.self, String?.self,
                String.self, String?.self, String.self, Date.self, Date.self, Int.self, Double?.self, Bool.self)
        self.state = SweepState(rawValue: state) ?? .finished
        self.goal = Goal(rawValue: goal) ?? .minimize
    }
}
