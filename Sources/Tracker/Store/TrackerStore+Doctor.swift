package import Experiment
package import FoundationEssentials
import Postgres

/// What a database server says of itself.
package struct ServerFacts: Sendable, Hashable {
    /// As `15.18`.
    package var version: String
    package var time: Date
    package var isReadOnly: Bool
    /// The collation's version when the database was made, and now; nil where it has none (C).
    package var collationRecorded: String?
    package var collationActual: String?
}

extension TrackerStore {
    package func serverFacts() async throws -> ServerFacts {
        let rows = try await pool.query(
            """
            select split_part(current_setting('server_version'), ' ', 1), clock_timestamp(),
                current_setting('default_transaction_read_only') = 'on', datcollversion,
                pg_database_collation_actual_version(oid)
            from pg_database where datname = current_database()
            """)
        guard let row = rows.first else { throw StoreError(.invalidQuery, "the database says nothing of itself") }
        let (version, time, isReadOnly, recorded, actual) = try row.decode(
            as: String.self, Date.self, Bool.self, String?.self, String?.self)
        return ServerFacts(
            version: version, time: time, isReadOnly: isReadOnly, collationRecorded: recorded, collationActual: actual)
    }

    /// How many migrations the database has; 0 before the first.
    package func appliedMigrations() async throws -> Int {
        let known = try await pool.query("select to_regclass('schema_migrations') is not null")
        guard let row = known.first, try row.decode(as: Bool.self) else { return 0 }
        return try await pool.query("select count(*) from schema_migrations").first?.decode(as: Int.self) ?? 0
    }

    /// Runs with segments whose arrays disagree in length or belong to nothing, and how many each has.
    package func damagedSegments() async throws -> [(run: String, count: Int)] {
        let rows = try await pool.query(
            """
            with damaged as (
                select run from segments
                where count < 1 or num_nonnulls(times, long_times) <> 1 or num_nonnulls(stride, steps) <> 1
                    or coalesce(cardinality(times), cardinality(long_times)) <> count
                    or cardinality(sequences) <> count or cardinality(steps) <> count
                union all
                select v.run from segment_values v left join segments s using (run, stream, attempt, first)
                where s.run is null or num_nonnulls(v.singles, v.doubles) <> 1
                    or coalesce(cardinality(v.singles), cardinality(v.doubles)) <> coalesce(
                        cardinality(v.positions), s.count))
            select r.id, count(*) from damaged d join runs r on r.number = d.run group by r.id order by r.id
            """)
        return try rows.map { row in
            let (run, count) = try row.decode(as: String.self, Int.self)
            return (run, count)
        }
    }

    /// Runs that say they are running and of which nothing was heard since `time`.
    package func silentRuns(since time: Date) async throws -> [RunID] {
        let rows = try await pool.query(
            """
            select id from runs r where state = 'running'
                and greatest(heartbeat_at, started_at, created_at) < \(time)
                and not exists (select from segments s where s.run = r.number and s.time >= \(time))
            order by number
            """)
        return try rows.map { try runID(try $0.decode(as: String.self)) }
    }

    /// Marks a run of which nothing is heard as crashed.
    package func settle(_ run: RunID) async throws {
        try await pool.query(
            """
            update runs set state = 'crashed', finished_at = now(), message = 'nothing was heard of it any more'
            where id = \(run.rawValue) and state = 'running'
            """)
    }
}
