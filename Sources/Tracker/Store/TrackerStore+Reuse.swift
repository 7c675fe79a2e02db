package import Experiment
import Postgres

extension TrackerStore {
    /// Which of the stages the project has done already, the newest where there are several.
    package func reusable(_ request: ReuseRequest) async throws -> [StageReuse] {
        guard request.keys.count <= SweepPlan.maximumStages else {
            throw StoreError(.tooLarge, "ask for at most \(SweepPlan.maximumStages) stages at once")
        }
        let found = try await pool.withConnection {
            try await reusable(request.keys, project: request.project, but: nil, on: $0)
        }
        return request.keys.compactMap { found[$0] }
    }

    /// `but`: the sweep that asks. Only runs that are still in the record count, and those that did the work themselves
    /// and told what they made: nothing else can be verified. Programs that are not our trainer never do: what they
    /// make follows from files that no key knows.
    func reusable(
        _ keys: [String], project: String, but sweep: Int32?, on connection: PostgresConnection
    ) async throws -> [String: StageReuse] {
        guard !keys.isEmpty else { return [:] }
        let rows = try await connection.query(
            """
            select k.key, d.name, d.run, d.directory, d.artefact from unnest(\(keys)) k(key) join lateral (
                select w.name, s.run, s.directory, s.artefact from stages s join sweeps w on w.number = s.sweep
                where s.key = k.key and s.state = 'done' and s.reused_from is null and s.directory is not null
                    and s.artefact is not null and w.project = \(project) and (\(sweep)::int is null or s.sweep <> \(sweep))
                    and exists (select from runs r where r.id = s.run)
                order by s.done_order desc nulls last limit 1) d on true
            """)
        var found: [String: StageReuse] = [:]
        for row in rows {
            let (key, name, run, directory, artefact) = try row.decode(
                as: String.self, String.self, String.self, String.self, String.self)
            found[key] = StageReuse(
                key: key, sweepName: name, run: try runID(run), directory: directory, artefact: artefact)
        }
        return found
    }

    /// Directories of runs that nothing needs any more: of stages that were stopped early, and those for whose key the
    /// project has a newer result that others may take over. With `intermediate` also those that only other stages read,
    /// once all of these are over.
    ///
    /// Never among them: a run with a tag, what an unfinished sweep has or still has to read, and what another sweep took
    /// over in place of a result of its own.
    package func unneeded(project: String, intermediate: Bool = false) async throws -> [UnneededRun] {
        let rows = try await pool.query(
            """
            select s.run, s.directory, s.name, s.title, w.name from stages s join sweeps w on w.number = s.sweep
            join runs r on r.id = s.run
            where w.project = \(project) and s.directory is not null and s.reused_from is null
                and cardinality(r.tags) = 0
                and (s.state = 'stopped'
                    or s.state in ('done', 'failed') and exists (
                        select from stages newer join sweeps v on v.number = newer.sweep
                        where newer.key = s.key and newer.state = 'done' and v.project = w.project
                            and newer.artefact is not null and newer.reused_from is null
                            and newer.done_order > coalesce(s.done_order, 0))
                    or \(intermediate) and s.state = 'done' and s.trials_ended = 0)
                and not exists (
                    select from stages o where (o.key = s.key or o.reused_from = s.run) and (
                        o.state in ('pending', 'claimed')
                        or o.reused_from = s.run and (o.trials_ended > 0 or not \(intermediate))
                        or exists (
                            select from stages n where n.sweep = o.sweep and n.input = o.key
                                and n.state in ('pending', 'claimed', 'failed'))))
            order by s.sweep, s.position
            """)
        return try rows.map { row in
            let (run, directory, stage, title, sweep) = try row.decode(
                as: String.self, String.self, String.self, String.self, String.self)
            return UnneededRun(
                run: try runID(run), directory: directory, stage: stage, title: title, sweepName: sweep)
        }
    }
}
