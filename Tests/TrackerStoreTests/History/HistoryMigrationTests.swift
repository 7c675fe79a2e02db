import FoundationEssentials
import Migrations
import Postgres
import TestSupport
import Testing
import TrackerStore

@Suite("Migration of points to segments", .timeLimit(.minutes(1)))
struct HistoryMigrationTests {
    @Test("Every point of the older schema is in the history afterwards, and what is known of each metric agrees")
    func points() async throws {
        try await withScratchDatabase(migrated: false) { address in
            let connection = try await PostgresConnection.connect(to: address)
            let migrations = try embeddedMigrations.map { try Migration(file: $0.name, sql: $0.sql) }
            try await Migrator(Array(migrations.prefix(2))).run(on: connection)
            try await connection.execute(
                unsafeSQL: """
                    insert into runs (id, project) values ('a', 'p'), ('b', 'p'), ('empty', 'p');
                    insert into metrics (name) values ('loss'), ('rare');
                    -- Two attempts, the second going back; more rows than a segment; gaps in the sequence; odd times.
                    insert into points
                    select r.number, 1, a, 2 * s, case when a = 2 then s - 500 else s end,
                        '2026-01-01'::timestamptz + s * interval '0.123457 seconds', case s % 5 when 0 then 'NaN'
                            when 1 then '-Infinity' when 2 then '-0' else 0.1 * s end::float8
                    from runs r, generate_series(1, 2) a, generate_series(1, 1500) s where r.id <> 'empty';
                    insert into points select run, 2, attempt, sequence, step, time, 1 from points where step % 7 = 0;
                    create table expected as select * from points;
                    """)
            try await Migrator(migrations).run(on: connection)
            let wrong = try await connection.query(
                """
                with found as (
                    select r.number, m.id, h.attempt, h.sequence, h.step, h.time, h.value::text
                    from history h join runs r on r.id = h.run join metrics m on m.name = h.metric)
                select (select count(*) from found), (select count(*) from expected),
                    (select count(*) from (select * from found except
                        select run, metric, attempt, sequence, step, time, value::text from expected) d)
                """)
            let (found, expected, different) = try #require(wrong.first).decode(as: Int.self, Int.self, Int.self)
            #expect(found == expected && expected > 6_000 && different == 0)
            await connection.close()

            let pool = PostgresPool(address: address)
            let store = TrackerStore(pool: pool)
            let rows = try await pool.query("select number from runs where id = 'a'")
            let number = try #require(try rows.single(Int32.self))
            let loss = try #require(try await store.seriesSummaries(run: number).first)
            #expect((loss.name, loss.count, loss.lastStep) == ("loss", 3_000, 1_000))
            #expect(loss.last.isNaN && loss.minimum == -.infinity && loss.maximum == 149.9)
            // Migrated segments are merged on like any others.
            let before = try await store.series(run: number, metric: "loss")
            _ = try await Compactor(store: store, now: { .distantFuture }).compact()
            let after = try await store.series(run: number, metric: "loss")
            #expect(before.steps == after.steps && before.times == after.times)
            #expect(before.values.map(\.bitPattern) == after.values.map(\.bitPattern))
            await pool.close()
        }
    }
}
