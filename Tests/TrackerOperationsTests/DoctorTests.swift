import Experiment
import Foundation
import Postgres
import TestSupport
import Testing
import TrackerStore

@testable import TrackerOperations

@Suite("Doctor and prune", .timeLimit(.minutes(1)))
struct DoctorTests {
    @Test("A healthy tracker has no findings; each kind of damage is found, and what is safe is mended")
    func damage() async throws {
        try await withTracker { database, home in
            try await fill(database.store, home)
            #expect(try await codes(database, home) == [])

            let connection = try await PostgresConnection.connect(to: database.address)
            try await connection.execute(
                unsafeSQL: """
                    update segment_values set doubles = '{1,2}', singles = null;
                    update segments set time = now() - interval '3 days';
                    update runs set started_at = now() - interval '3 days', created_at = now() - interval '3 days',
                        state = 'running' where id = 'r2';
                    """)
            try Data("other".utf8).write(to: URL(fileURLWithPath: home.files + "/r1/a.txt"))
            try FileManager.default.removeItem(atPath: home.files + "/r1/b.txt")
            try FileManager.default.createDirectory(atPath: home.files + "/gone", withIntermediateDirectories: true)
            let upload = home.files + "/r1/.upload-1"
            try Data().write(to: URL(fileURLWithPath: upload))
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -1e6)], ofItemAtPath: upload)
            let all: Set = [
                "damaged_segment", "silent_run", "damaged_file", "missing_file", "orphaned_files", "unfinished_upload",
            ]
            #expect(try await codes(database, home) == all)
            let findings = try await Doctor(database: database, home: home).examine()
            #expect(findings.allSatisfy { !$0.remedy.isEmpty && !$0.message.isEmpty && !$0.isRepaired })

            let repaired = try await Doctor(database: database, home: home, repairs: true).examine()
            #expect(
                Set(repaired.filter(\.isRepaired).map(\.code)) == ["silent_run", "orphaned_files", "unfinished_upload"])
            #expect(try await codes(database, home) == ["damaged_segment", "damaged_file", "missing_file"])
            let run = try #require(RunID(rawValue: "r2"))
            #expect(try await database.store.run(run).state == .crashed)

            try await connection.query(
                "insert into schema_migrations (number, name, checksum) values (\(99), \("x"), \("x"))")
            #expect(try await codes(database, home) == ["schema_newer"])
            try await connection.query("delete from schema_migrations where number > 6")
            #expect(try await codes(database, home) == ["schema_older"])
            await connection.close()
        }
    }

    @Test("A clock that is wrong is found")
    func clock() async throws {
        try await withTracker { database, home in
            let doctor = Doctor(database: database, home: home, now: Date(timeIntervalSinceNow: 3600))
            let codes = try await doctor.examine().map(\.code)
            #expect(codes == ["clock_skew"])
        }
    }

    @Test("Pruning plans first; then the best keep their files, the rest their history, and old runs nothing")
    func prune() async throws {
        try await withTracker { database, home in
            let store = database.store
            try await fill(store, home)
            let checkpoint = home.runDirectory(try #require(RunID(rawValue: "r2"))) + "/checkpoints"
            try FileManager.default.createDirectory(atPath: checkpoint, withIntermediateDirectories: true)
            try Data(count: 100).write(to: URL(fileURLWithPath: checkpoint + "/step-1"))
            let plan = try await Prune.allButBest(
                1, of: "s", metric: "loss", goal: .minimize, store: store, home: home)
            #expect(plan.files.map(\.rawValue) == ["r2"] && plan.runs.isEmpty && plan.bytes == 100)
            #expect(FileManager.default.fileExists(atPath: checkpoint))
            try await Prune.apply(plan, store: store, home: home)
            #expect(!FileManager.default.fileExists(atPath: checkpoint))
            #expect(FileManager.default.fileExists(atPath: home.files + "/r1/a.txt"))
            #expect(try await store.history(run: plan.files[0]).count == 1)
            let best = try await Prune.allButBest(1, of: "s", metric: "loss", goal: .maximize, store: store, home: home)
            #expect(best.files.map(\.rawValue) == ["r1"])

            let none = try await Prune.ended(
                before: Date(timeIntervalSince1970: 0), project: nil, store: store, home: home)
            #expect(none.runs.isEmpty)
            let old = try await Prune.ended(before: .now, project: "p", store: store, home: home)
            #expect(Set(old.runs.map(\.rawValue)) == ["r1", "r2"])
            try await Prune.apply(old, store: store, home: home)
            #expect(try await store.runs(RunFilter()).isEmpty)
            #expect(!FileManager.default.fileExists(atPath: home.files + "/r1"))
        }
    }

    private func codes(_ database: Database, _ home: SagaHome) async throws -> Set<String> {
        Set(try await Doctor(database: database, home: home).examine().map(\.code))
    }

    /// Two finished runs of a sweep, losses 1 and 2; the first has two files.
    private func fill(_ store: TrackerStore, _ home: SagaHome) async throws {
        let stage = StagePlan(key: "k", name: "train", input: nil, title: "t", config: [:])
        let plan = SweepPlan(
            name: "s", project: "p", definition: "", definitionHash: "h", metric: nil, goal: .minimize,
            maximumAttempts: 1, stages: [stage], trials: [TrialPlan(number: 1, config: [:], stages: ["k"])])
        let sweep = try await store.createSweep(plan: plan).sweep.id
        let time = Date.now.addingTimeInterval(-10)
        for (index, name) in ["r1", "r2"].enumerated() {
            var records: [RunRecord] = [
                .start(RunStart(project: "p", sweep: sweep, host: "h", time: time)),
                .metrics(MetricRow(step: 1, time: time, values: ["loss": Double(index) + 1])),
            ]
            if index == 0 {
                try FileManager.default.createDirectory(atPath: home.files + "/r1", withIntermediateDirectories: true)
                for path in ["a.txt", "b.txt"] {
                    try Data("x".utf8).write(to: URL(fileURLWithPath: home.files + "/r1/" + path))
                    records.append(
                        .file(
                            RunFile(
                                key: path, step: 0, path: path, mediaType: "text/plain", bytes: 1,
                                sha256: SHA256.hex("x"), time: time)))
                }
            }
            records.append(.finish(RunFinish(state: .finished, exitCode: 0, time: time)))
            _ = try await store.ingest(
                run: try #require(RunID(rawValue: name)),
                IngestRequest(
                    attempt: 1,
                    records: records.enumerated().map { SequencedRecord(sequence: Int64($0) + 1, record: $1) }))
        }
    }
}
