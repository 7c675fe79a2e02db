import Experiment
import Foundation
import Testing
import TrackerStore

@Suite("sweeper gc, on a real record", .timeLimit(.minutes(10)))
struct GarbageTests {
    @Test("Nothing that anything needs is deleted: what runs, what is claimed, what stands for another's, what is kept")
    func needed() async throws {
        let laboratory = try Laboratory()
        defer { laboratory.remove() }
        try await SmallSweep.prepare(in: laboratory)
        func file(_ name: String) throws -> String {
            try laboratory.write(
                SmallSweep.definition(
                    totalTokens: 3000, name: name, subsets: "image+audio", maskings: "uniform"), to: "\(name).yaml")
        }
        let (first, other) = (try file("first"), try file("other"))
        try await laboratory.withTracker { laboratory in
            func sweep(_ file: String, _ options: String...) async throws -> Set<String> {
                let before = folders(laboratory)
                let outcome = try await laboratory.run("sweeper", ["run", file, "--slots", "2"] + options)
                #expect(outcome.code == 0, "\(outcome.errors)")
                return folders(laboratory).subtracting(before)
            }
            // A training and two generations, which another sweep takes over, and twice more.
            let taken = try await sweep(first)
            #expect(taken.count == 3)
            #expect(try await sweep(other).isEmpty)
            let superseded = try await sweep(first, "--new", "--no-reuse")
            let newest = try await sweep(first, "--new", "--no-reuse")
            #expect(superseded.count == 3 && newest.count == 3)
            try await garbage(laboratory, "--dry-run", expect: superseded)
            let all = taken.union(superseded).union(newest)
            #expect(folders(laboratory) == all)

            // One of them is kept by a person.
            let kept = try #require(superseded.min())
            let tagged = try await laboratory.run("tracker", "tag", kept, "--add", "keep")
            #expect(tagged.code == 0, "\(tagged.errors)")
            try await garbage(laboratory, "--dry-run", expect: superseded.subtracting([kept]))

            // A claim in flight on the same stages: whoever holds it may take over any of them yet.
            try await withStore(laboratory) { store in
                let stages = try await store.stages(sweep: "other")
                _ = try await store.retry(sweep: "other", trials: [1, 2])
                try await garbage(laboratory, "--dry-run", expect: [])
                let claimed = try await store.claim(
                    sweep: "other",
                    ClaimRequest(
                        claimant: ProcessIdentity(host: "elsewhere", pid: 1, startTicks: 1), leaseSeconds: 60,
                        limit: 10))
                #expect(!claimed.claims.isEmpty && stages.count == 3)
                try await garbage(laboratory, expect: [])
                _ = try await store.edit(sweep: "other", SweepEdit(state: .canceled))
            }
            #expect(folders(laboratory) == all)
        }
    }

    @Test("What nothing needs is deleted; a folder that is not the run's own, or whose trainer lives, stays")
    func deleted() async throws {
        let laboratory = try Laboratory()
        defer { laboratory.remove() }
        try await SmallSweep.prepare(in: laboratory)
        let file = try laboratory.write(
            SmallSweep.definition(totalTokens: 3000, name: "first", subsets: "image+audio", maskings: "uniform"),
            to: "first.yaml")
        try await laboratory.withTracker { laboratory in
            for options in [[], ["--new", "--no-reuse"]] {
                let outcome = try await laboratory.run("sweeper", ["run", file, "--slots", "2"] + options)
                #expect(outcome.code == 0, "\(outcome.errors)")
            }
            let home = SagaHome(path: laboratory.home)
            let listed = try await garbage(laboratory, "--dry-run", expect: nil)
            #expect(listed.count == 3)
            let (alive, moved) = (listed[0], listed[1])

            // Somebody moved one away and left a link; another's trainer has not ended.
            try FileManager.default.moveItem(atPath: "\(home.runs)/\(moved)", toPath: home.path + "/moved")
            try FileManager.default.createSymbolicLink(
                atPath: "\(home.runs)/\(moved)", withDestinationPath: home.path + "/moved")
            let trainer = try Background(
                path: "/usr/bin/tail", arguments: ["-f", "\(home.runs)/\(alive)/run.json"], environment: [:],
                log: home.path + "/trainer.log")
            defer { trainer.kill() }
            let before = folders(laboratory)
            try await garbage(laboratory, expect: [listed[2]])
            #expect(before.subtracting(folders(laboratory)) == [listed[2]])
            #expect(FileManager.default.fileExists(atPath: home.path + "/moved/run.json"))
            trainer.kill()
            try await garbage(laboratory, expect: [alive])

            // What is left is what the newer sweep made, whole: the next one takes it over.
            let third = try laboratory.write(
                try String(contentsOfFile: file, encoding: .utf8).replacing("name: first", with: "name: third"),
                to: "third.yaml")
            let left = folders(laboratory)
            let outcome = try await laboratory.run("sweeper", "run", third)
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(folders(laboratory) == left)
        }
    }

    private func folders(_ laboratory: Laboratory) -> Set<String> {
        // Made with the first run.
        Set((try? FileManager.default.contentsOfDirectory(atPath: SagaHome(path: laboratory.home).runs)) ?? [])
    }

    /// Runs `sweeper gc` in the project; its runs in order, whose sizes are those of their folders before.
    @discardableResult
    private func garbage(
        _ laboratory: Laboratory, _ options: String..., expect runs: Set<String>?,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> [String] {
        let home = SagaHome(path: laboratory.home)
        let sizes = Dictionary(
            uniqueKeysWithValues: folders(laboratory).map { ($0, size("\(home.runs)/\($0)")) })
        let outcome = try await laboratory.run(
            "sweeper", ["gc", "--project", "e2e", "--format", "json"] + options)
        #expect(outcome.code == 0, "\(outcome.errors)", sourceLocation: sourceLocation)
        let rows = try JSONParser.parse(outcome.output).array ?? []
        let found = rows.compactMap { $0.object?["run"]?.string }
        if let runs { #expect(Set(found) == runs, "\(outcome.errors)", sourceLocation: sourceLocation) }
        for row in rows {
            #expect(row.object?["bytes"]?.integer == row.object?["run"]?.string.flatMap { sizes[$0] })
        }
        #expect(outcome.errors.contains(options.isEmpty ? "deleted" : "would be deleted"))
        return found
    }

    private func size(_ directory: String) -> Int64 {
        var sum: Int64 = 0
        let files = FileManager.default.enumerator(atPath: directory)
        while let name = files?.nextObject() as? String {
            let attributes = try? FileManager.default.attributesOfItem(atPath: "\(directory)/\(name)")
            if attributes?[.type] as? FileAttributeType == .typeRegular {
                sum += (attributes?[.size] as? NSNumber)?.int64Value ?? 0
            }
        }
        return sum
    }

    private func withStore(
        _ laboratory: Laboratory, _ body: (TrackerStore) async throws -> Void
    ) async throws {
        let database = try await Database.open(environment: [:], home: SagaHome(path: laboratory.home))
        do {
            try await body(database.store)
        } catch {
            try? await database.close()
            throw error
        }
        try await database.close()
    }
}
