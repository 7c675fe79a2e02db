package import Experiment
import FoundationEssentials
import Postgres

extension TrackerStore {
    /// Changes what a person may say of a run.
    package func edit(_ run: RunID, _ edit: RunEdit) async throws {
        try edit.check()
        let changed = try await pool.query(
            """
            update runs set name = coalesce(\(edit.name), name), group_name = coalesce(\(edit.group), group_name),
                notes = coalesce(\(edit.notes), notes), tags = coalesce(\(edit.tags), tags)
            where id = \(run.rawValue) returning number
            """)
        guard !changed.isEmpty else { throw Self.unknownRun(run) }
    }

    /// Projects, by name. `only`: nil for all.
    package func projects(only project: String? = nil) async throws -> [ProjectSummary] {
        let rows = try await pool.query(
            """
            select project, sum(runs)::bigint, sum(sweeps)::bigint, max(newest) from (
                select project, count(*) runs, 0 sweeps, max(created_at) newest from runs group by project
                union all
                select project, 0, count(*), max(created_at) from sweeps group by project) p
            where \(project)::text is null or project = \(project)
            group by project order by project collate "C"
            """)
        return try rows.map { row in
            let (name, runs, sweeps, newest) = try row.decode(as: String.self, Int.self, Int.self, Date.self)
            return ProjectSummary(name: name, runs: runs, sweeps: sweeps, newest: newest)
        }
    }
}

extension TrackerStore {
    /// Forgets the files that a run has registered; the bytes are the caller's to remove.
    package func forgetFiles(of run: RunID) async throws {
        let number = try await number(of: run)
        try await pool.query("delete from files where run = \(number)")
    }
}
