package import Experiment
import Postgres

extension TrackerStore {
    /// Adds tags to a run and takes others off; its tags then, sorted, or nil where nothing has changed.
    package func changeTags(of run: RunID, adding: [String], removing: [String]) async throws -> [String]? {
        for tag in adding { try IngestLimits.check(name: tag, "a tag") }
        let rows = try await pool.query(
            """
            update runs set tags = n.tags
            from (
                select r.number, array(
                    select distinct tag from unnest(r.tags || \(adding)) tag where tag <> all(\(removing)) order by tag
                ) as tags
                from runs r where r.id = \(run.rawValue)) n
            where runs.number = n.number and cardinality(n.tags) <= \(Int32(IngestLimits.tags))
                and not (n.tags <@ runs.tags and runs.tags <@ n.tags)
            returning runs.tags
            """)
        return try rows.first?.decode(as: [String].self)
    }
}
