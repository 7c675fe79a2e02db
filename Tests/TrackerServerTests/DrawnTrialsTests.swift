import Experiment
import Foundation
import SweepDefinition
import SweepSearch
import Testing
import TrackerClient
import TrackerStore

@Suite("Drawn sweeps of ours")
struct DrawnTrialsTests {
    @Test(
        "Of several metrics: each draw is the one that the search makes of all metrics of all trials before it",
        arguments: [
            "method: tpe\nmetrics: [{name: image}, {name: audio, goal: maximize}]",
            "method: bayes\nmetrics: [{name: image, weight: 2}, {name: audio}]",
        ])
    func draws(head: String) async throws {
        let text = """
            name: pair
            program: x
            run_cap: 16
            \(head)
            parameters: {a: {min: 0.0, max: 1.0}, b: {min: 0.0, max: 1.0}}
            """
        try await withServer { server in
            let client = SweepClient(address: server.address)
            let sweep = try await client.create(CreateSweepRequest(definition: text, file: "pair.yaml")).sweep
            let searcher = try SweepSearcher(Definition(text: text, file: "pair.yaml"))
            // What happened can be replayed from the sweep's id.
            let seed = try #require(UInt64(SHA256.hex(sweep.id).prefix(16), radix: 16))
            var runs: [PastRun] = []
            let request = ClaimRequest(
                claimant: ProcessIdentity(host: "h", pid: 1, startTicks: 1), leaseSeconds: 60)
            while let claim = try await client.claim(sweep: sweep.id, request) {
                #expect(
                    claim.config == searcher.next(after: runs, seed: seed, number: runs.count), "draw \(runs.count)")
                let (a, b) = (claim.config["a"]?.number ?? 9, claim.config["b"]?.number ?? 9)
                let (image, audio) = (a * a + b, (a - 1) * (a - 1) + b)
                try await log(["image": image, "audio": audio], claim, server)
                _ = try await client.report(
                    sweep: sweep.id, stageKey: claim.stageKey, StageReport(fence: claim.fence, event: .succeeded))
                let ranges = [image, audio].map { PastRun.Range(minimum: $0, maximum: $0, latest: $0) }
                runs.append(
                    PastRun(id: claim.run.rawValue, state: .finished, config: claim.config, ranges: ranges))
            }
            #expect(runs.count == 16)
            #expect(try await client.sweep(sweep.id).state == .finished)
        }
    }

    @Test("Extended it draws on, though its definition's own limit is reached", arguments: ["random", "qmc"])
    func extended(method: String) async throws {
        let text = "name: more\nprogram: x\nmethod: \(method)\nrun_cap: 3\nparameters: {a: {min: 0.0, max: 1.0}}"
        try await withServer { server in
            let client = SweepClient(address: server.address)
            let sweep = try await client.create(CreateSweepRequest(definition: text, file: "more.yaml")).sweep
            let request = ClaimRequest(claimant: ProcessIdentity(host: "h", pid: 1, startTicks: 1), leaseSeconds: 60)
            func work() async throws -> Int {
                var count = 0
                while let claim = try await client.claim(sweep: sweep.id, request) {
                    let report = StageReport(fence: claim.fence, event: .succeeded)
                    _ = try await client.report(sweep: sweep.id, stageKey: claim.stageKey, report)
                    count += 1
                }
                return count
            }
            #expect(try await work() == 3)
            #expect(try await client.sweep(sweep.id).state == .finished)
            let answer = try await client.extend(sweep: sweep.id, ExtendRequest(trials: 2))
            #expect(answer.addedTrials == 2 && answer.sweep.state == .running && answer.sweep.expectedTrials == 5)
            #expect(try await work() == 2)
            #expect(try await client.sweep(sweep.id).state == .finished)
        }
    }

    private func log(_ values: [String: Double], _ claim: StageClaim, _ server: RunningServer) async throws {
        let start = RunStart(
            project: claim.project, name: claim.title, sweep: claim.sweep, config: claim.config, host: "h", time: Date()
        )
        let row = MetricRow(step: 1, time: Date(), values: values)
        _ = try await server.store.ingest(
            run: claim.run,
            IngestRequest(
                attempt: 1,
                records: [
                    SequencedRecord(sequence: 1, record: .start(start)),
                    SequencedRecord(sequence: 2, record: .metrics(row)),
                ]))
    }
}
