import Experiment
import Foundation
import Migrations
import Postgres
import TestSupport
import Testing
import TrackerStore

@Suite("F14: schema", .timeLimit(.minutes(2)))
struct SchemaTests {
    private func migrations(upTo last: Int? = nil) throws -> [Migration] {
        try embeddedMigrations.prefix(last ?? embeddedMigrations.count).map {
            try Migration(file: $0.name, sql: $0.sql)
        }
    }

    @Test("F14: data of every older version is there after the migration, and is written on", arguments: 2..<10)
    func older(version: Int) async throws {
        try await withScratchDatabase(migrated: false) { address in
            let connection = try await PostgresConnection.connect(to: address)
            try await Migrator(migrations(upTo: version)).run(on: connection)
            try await connection.execute(unsafeSQL: Self.data(of: version))
            await connection.close()

            let database = try await Database.open(
                environment: ["DATABASE_URL": address.connectionString], home: SagaHome(path: "/nowhere"))
            let store = database.store
            let run = try runID("old")
            let summary = try await store.run(run)
            #expect(summary.project == "p" && summary.state == .running && summary.tags == ["a", "b"])
            #expect(summary.config == ["lr": .double(0.1), "seed": .int(3)])
            #expect(try await store.files(run: run).map(\.file.path) == ["a.txt"])
            #expect(try await store.sweep(idOrName: "s").trials == 1)
            #expect(try await store.trials(sweep: "s").map(\.stages) == [["k"]])
            #expect(try await store.claim(sweep: "s", claimRequest).claims.map(\.trial) == [1])

            // Points as the released version kept them become segments: every one, once, with its value and attempt.
            var expected: [MetricPoint] = []
            if version == 2 {
                for (metric, attempts) in [("loss", 1...2), ("odd", 1...1)] {
                    for attempt in attempts {
                        for sequence in 2...1201 {
                            let value = metric == "odd" ? Double.nan : 1 / Double(sequence) + Double(attempt)
                            expected.append(
                                MetricPoint(
                                    metric: metric, attempt: attempt, sequence: Int64(sequence),
                                    step: Int64(sequence * 10), time: noon.addingTimeInterval(Double(sequence)),
                                    value: value))
                        }
                    }
                }
            }
            let found = try await store.history(run: run)
            #expect(found.count == expected.count)
            for (left, right) in zip(found, expected) {
                let same =
                    (left.metric, left.attempt, left.sequence, left.step, left.time)
                    == (right.metric, right.attempt, right.sequence, right.step, right.time)
                #expect(
                    same && left.value.bitPattern == right.value.bitPattern || left.value.isNaN && right.value.isNaN)
            }

            // The attempt goes on where it was.
            let next: Int64 = version == 2 ? 1202 : 2
            let answer = try await store.ingest(run: run, batch(2, from: next, row(99_999, ["loss": 7]), finish()))
            #expect(answer.acknowledged == next + 1)
            #expect(try await store.history(run: run).count == expected.count + 1)
            #expect(try await store.run(run).state == .finished)
            try await database.close()
        }
    }

    @Test(
        "F14: a migrator that is killed in the middle leaves the old version, and the next one succeeds",
        arguments: 3...10)
    func killed(number: Int) async throws {
        try await withScratchDatabase(migrated: false) { address in
            let connection = try await PostgresConnection.connect(to: address)
            try await Migrator(migrations(upTo: number - 1)).run(on: connection)
            let before = try await Self.schema(connection)
            // The migration has done its work and is not committed when its connection goes.
            let all = try migrations(upTo: number)
            let doomed =
                all.dropLast() + [
                    try Migration(
                        file: embeddedMigrations[number - 1].name,
                        sql: embeddedMigrations[number - 1].sql + "\n;select pg_terminate_backend(pg_backend_pid());")
                ]
            let victim = try await PostgresConnection.connect(to: address)
            await #expect(throws: PostgresError.self) { try await Migrator(Array(doomed)).run(on: victim) }
            await victim.close()
            #expect(try await Self.schema(connection) == before)
            #expect(
                try await Migrator(migrations()).run(on: connection).map(\.number)
                    == Array(number...embeddedMigrations.count))
            await connection.close()
        }
    }

    @Test("F14: two servers that start at once migrate once, and both serve")
    func twoServers() async throws {
        try await withScratchDatabase(migrated: false) { address in
            let environment = ["DATABASE_URL": address.connectionString]
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        let database = try await Database.open(
                            environment: environment, home: SagaHome(path: "/nowhere"))
                        let count = try await database.store.runs(RunFilter()).count
                        try await database.close()
                        return count
                    }
                }
                for try await count in group { #expect(count == 0) }
            }
        }
    }

    @Test("F14: a database of a newer program is refused with what to do")
    func newer() async throws {
        try await withScratchDatabase { address in
            let connection = try await PostgresConnection.connect(to: address)
            try await connection.query(
                "insert into schema_migrations (number, name, checksum) values (\(embeddedMigrations.count + 1), \("future"), \("x"))"
            )
            await connection.close()
            let error = try await #require(throws: PostgresError.self) {
                try await Database.open(
                    environment: ["DATABASE_URL": address.connectionString], home: SagaHome(path: "/nowhere"))
            }
            #expect(error.description.contains("newer") && error.description.contains("use the newer program"))
        }
    }

    /// `Schemas/current.txt` is to be changed together with a migration: `SAGA_WRITE_SCHEMA=1` writes it.
    @Test("F14: the schema is the one that is written down")
    func drift() async throws {
        let file =
            #filePath.split(separator: "/").dropLast().reduce(into: "") { $0 += "/\($1)" } + "/Schemas/current.txt"
        try await withScratchDatabase { address in
            let connection = try await PostgresConnection.connect(to: address)
            let schema = try await Self.schema(connection).joined(separator: "\n") + "\n"
            await connection.close()
            if ProcessInfo.processInfo.environment["SAGA_WRITE_SCHEMA"] == "1" {
                try schema.write(toFile: file, atomically: true, encoding: .utf8)
            }
            #expect(try schema == String(contentsOfFile: file, encoding: .utf8))
        }
    }

    /// Columns, constraints, indexes and views, a line each.
    private static func schema(_ connection: PostgresConnection) async throws -> [String] {
        try await connection.query(
            """
            select concat_ws(' ', 'column', table_name, column_name, data_type, udt_name, is_nullable, column_default)
                as line from information_schema.columns where table_schema = 'public'
            union all
            select concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid))
            from pg_constraint where connamespace = 'public'::regnamespace
            union all
            select concat_ws(' ', 'index', indexdef) from pg_indexes where schemaname = 'public'
            union all
            select concat_ws(' ', 'view', viewname, regexp_replace(definition, '\\s+', ' ', 'g'))
            from pg_views where schemaname = 'public'
            union all
            select concat_ws(' ', 'function', p.oid::regprocedure) from pg_proc p
            where pronamespace = 'public'::regnamespace
            order by line
            """
        ).map { try $0.decode(as: String.self) }
    }

    /// What a program of that version would have written.
    private static func data(of version: Int) -> String {
        var sql = """
            insert into runs (id, \(version >= 4 ? "handle, " : "")project, name, state, config, tags, attempt)
            values ('old', \(version >= 4 ? "'old', " : "")'p', 'n', 'running', '{"lr": 0.1, "seed": 3}', '{a,b}', 2);
            insert into files (run, path, attempt, key, step, media_type, bytes, sha256, time)
            values (1, 'a.txt', 1, 'k', 0, 'text/plain', 1, 'x', now());
            insert into sweeps (id, name, project, definition, definition_hash, goal, maximum_attempts, varied_keys)
            values ('s1', 's', 'p', '', 'h', 'minimize', 1, '{}');
            insert into trials (sweep, number, config, stages) values (1, 1, '{}', '{k}');
            insert into stages (sweep, key, position, name, title, config, run, maximum_attempts)
            values (1, 'k', 1, 'train', 't', '{}', 'other', 1);
            insert into attempts values (1, 2, \(version == 2 ? 1201 : 1));
            """
        if version >= 8 { sql += "update stages set is_ready = true, trial = 1, trials_ended = 1;" }
        if version == 2 {
            sql += """
                insert into attempts values (1, 1, 1201);
                insert into metrics (name) values ('loss'), ('odd');
                insert into points (run, metric, attempt, sequence, step, time, value)
                select 1, m, a, s, s * 10, to_timestamp(1790000000 + s),
                    case when m = 2 then 'NaN' else 1 / s::float8 + a end
                from generate_series(1, 2) m, generate_series(1, 2) a, generate_series(2, 1201) s
                where m = 1 or a = 1;
                """
        }
        return sql
    }
}
