import Experiment
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import TrackerStore

/// Everything is asked of a real server, through a role made for the question.
@Suite("Questions in SQL")
struct ReadOnlyQueryTests {
    private func answer(_ sql: String, at address: PostgresAddress, timeout: Double = 20) async throws -> [[String?]] {
        let answer = Mutex<[[String?]]>([])
        try await ReadOnlyQuery(sql: sql, timeout: timeout).run(at: address) { rows in
            let columns = rows.columns.indices
            let texts = (0..<rows.count).map { row in columns.map { rows[row, $0] } }
            answer.withLock { $0 += texts }
        }
        return answer.withLock { $0 }
    }

    private func withRun(_ body: @Sendable (PostgresAddress, TrackerStore) async throws -> Void) async throws {
        try await withScratchDatabase { address in
            let pool = PostgresPool(address: address)
            let store = TrackerStore(pool: pool)
            _ = try await store.ingest(run: try runID("a"), batch(1, from: 1, start(), row(1, ["loss": 0.5])))
            do { try await body(address, store) } catch {
                await pool.close()
                throw error
            }
            await pool.close()
        }
    }

    @Test("A select over the views is answered, however long")
    func answered() async throws {
        try await withRun { address, _ in
            #expect(
                try await answer("select run, metric, step, value from history;", at: address) == [
                    ["a", "loss", "1", "0.5"]
                ])
            #expect(try await answer("values (1, null), (2, 'x')", at: address) == [["1", nil], ["2", "x"]])
            #expect(try await answer("with w as (select 1 as a) table w", at: address) == [["1"]])
            let many = try await answer("select * from generate_series(1, 5000)", at: address)
            #expect(many.map { $0[0] } == (1...5000).map { "\($0)" })
            #expect(try await answer("select 1 where false", at: address).isEmpty)
        }
    }

    @Test("S7: what does more than read the record is refused, and changes nothing")
    func refused() async throws {
        try await withRun { address, store in
            for sql in [
                "copy runs to program 'cat > /dev/null'", "copy (select 1) to stdout", "copy runs to '/dev/null'",
                "select pg_read_file('/etc/passwd')", "select pg_ls_dir('/')", "select lo_import('/etc/passwd')",
                "set role saga", "set session authorization saga", "reset role",
                "select set_config('role', 'saga', false)", "select set_config('session_authorization', 'saga', false)",
                "select set_config('transaction_read_only', 'off', false)",
                "select * from dblink('dbname=saga', 'select 1') t(a int)", "create extension dblink",
                "update runs set name = 'x'", "with u as (update runs set name = 'x' returning *) select * from u",
                "with d as (delete from runs returning *) select * from d", "insert into runs (id) values ('x')",
                "select 1; drop table runs", "select 1; select 2", "rollback; drop table runs", "commit",
                "create temp table t (a int)", "create temp table t as select 1", "select 1 into t",
                "do $$ begin perform 1; end $$", "select * from tokens", "select hash from public.tokens",
                "select * from pg_authid", "drop table runs", "grant select on tokens to public", "vacuum",
                "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'saga'",
                "explain analyze select 1",
                "select query_to_xml('update runs set name = ''x''', true, true, '')", "", ";", "nonsense",
                "select * from runs for update", "declare x cursor for select 1", "listen x",
            ] {
                await #expect(throws: StoreError.self, "\(sql)") { try await answer(sql, at: address) }
            }
            let run = try await store.run(try runID("a"))
            #expect(run.name == "a")
            let roles = try await store.pool.query(
                "select rolname::text from pg_roles where rolname like 'saga_query_%'")
            #expect(roles.isEmpty)
        }
    }

    @Test("S7: a question ends after its time, also where it takes the limit off itself", .timeLimit(.minutes(1)))
    func timeout() async throws {
        try await withRun { address, _ in
            for sql in [
                "select pg_sleep(60)", "select count(*) from generate_series(1, 1000000000000)",
                "select set_config('statement_timeout', '0', false), case when n > 2000 then pg_sleep(60) end "
                    + "from generate_series(1, 4000) n",
            ] {
                let start = ContinuousClock.now
                await #expect(throws: StoreError.self, "\(sql)") { try await answer(sql, at: address, timeout: 1) }
                #expect(start.duration(to: .now) < .seconds(10), "\(sql)")
            }
        }
    }

    @Test("Large objects that a question makes are gone with it")
    func largeObjects() async throws {
        try await withRun { address, store in
            _ = try? await answer("select lo_from_bytea(0, 'x')", at: address)
            let left = try await store.pool.query("select 1 from pg_largeobject_metadata")
            #expect(left.isEmpty)
        }
    }

    @Test("Who may not make roles hears what an administrator has to do")
    func noRoles() async throws {
        try await withRun { address, store in
            try await store.pool.query("create role plain_owner login password 'x' nosuperuser nocreaterole")
            let plain = address.login(user: "plain_owner", password: "x")
            do {
                _ = try await answer("select 1", at: plain)
                Issue.record("a role without the right has made a role")
            } catch let error as StoreError {
                #expect(error.description.contains("SAGA_READ_URL"))
            }
            try await store.pool.query("drop role plain_owner")
        }
    }
}
