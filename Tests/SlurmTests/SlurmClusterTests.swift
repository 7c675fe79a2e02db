import Experiment
import Foundation
import SweepLaunchers
import SweepScheduler
import Testing

@Suite(
    "Slurm, for real (F11, F12)", .serialized, .timeLimit(.minutes(4)),
    .enabled(if: SlurmCluster.obstacle == nil, "\(SlurmCluster.obstacle ?? "")"))
struct SlurmClusterTests {
    @Test("Stages go out as arrays under one ceiling; what follows a stage goes out when that is done")
    func arrays() async throws {
        try await SlurmCluster.with { cluster in
            var stages = (0..<5).map { MemoryLedger.Stage(key: "train\($0)") }
            stages += (0..<2).map { MemoryLedger.Stage(key: "generate\($0)", input: "train\($0)") }
            let ledger = MemoryLedger(stages)
            let summary = try await cluster.scheduler(ledger, ceiling: 2).run()
            #expect(summary.stages.done == 7, "\(cluster.warnings)")
            #expect(cluster.mostAtOnce <= 2)
            for stage in stages { #expect(cluster.starts(stage.key).map(\.attempt) == [1], "\(stage.key)") }
            let arrays = try await cluster.shell("squeue -h -t all -o %F | sort -u | wc -l")
            #expect(try #require(Int(arrays)) < 7)
        }
    }

    @Test("What another sweep has made is taken over without a job where it is whole; else the record says why it runs")
    func reuse() async throws {
        try await SlurmCluster.with { cluster in
            let first = MemoryLedger(count: 2)
            #expect(try await cluster.scheduler(first).run().stages.done == 2, "\(cluster.warnings)")
            var stages: [MemoryLedger.Stage] = []
            for run in ["train0", "train1"] {
                let digest = try #require(await first.records[run]?.artefact)
                let reuse = StageReuse(
                    key: run, sweepName: "first", run: try #require(RunID(rawValue: run)),
                    directory: cluster.home.runs + "/" + run, artefact: digest)
                stages.append(MemoryLedger.Stage(key: "new-\(run)", reuse: reuse))
            }
            try Data("{}".utf8).write(to: URL(filePath: cluster.home.runs + "/train1/result.json"))
            let second = MemoryLedger(stages)
            #expect(try await cluster.scheduler(second).run().stages.done == 2, "\(cluster.warnings)")
            let (whole, damaged) = (await second.records["new-train0"], await second.records["new-train1"])
            #expect(whole?.isReused == true && cluster.starts("new-train0").isEmpty)
            #expect(damaged?.isReused == false && cluster.starts("new-train1").count == 1)
            #expect(damaged?.message?.contains("train1/result.json is not as it was made") == true)
        }
    }

    @Test("F11: a job that nears its time limit ends its trainer, requeues itself and goes on as the next attempt")
    func timeLimit() async throws {
        try await SlurmCluster.with { cluster in
            try await cluster.shell("scontrol update partitionname=batch maxtime=1")
            let ledger = MemoryLedger(count: 1)
            let summary = try await cluster.scheduler(ledger, lead: 58, endless: "1").run()
            #expect(summary.stages.done == 1, "\(cluster.warnings)")
            try await expectOneRestart(cluster, ledger)
        }
    }

    @Test("F11: a preempted job goes on as the next attempt and loses none")
    func preemption() async throws {
        try await SlurmCluster.with { cluster in
            let ledger = MemoryLedger(count: 1)
            let scheduler = try cluster.scheduler(ledger, endless: "1")
            let running = Task { try await scheduler.run() }
            try await cluster.wait("the job runs") { cluster.starts("train0").count == 1 }
            try await cluster.shell("sbatch -p urgent -c $(nproc) -o /dev/null --wrap 'sleep 1'")
            #expect(try await running.endedValue.stages.done == 1)
            try await expectOneRestart(cluster, ledger)
        }
    }

    @Test("F11: a job whose node goes down goes on as the next attempt when the node is back")
    func nodeDown() async throws {
        try await SlurmCluster.with { cluster in
            let ledger = MemoryLedger(count: 1)
            let scheduler = try cluster.scheduler(ledger, endless: "1")
            let running = Task { try await scheduler.run() }
            try await cluster.wait("the job runs") { cluster.starts("train0").count == 1 }
            try await cluster.shell("scontrol update nodename=$(hostname -s) state=down reason=test")
            try await cluster.wait("it is back in the queue") {
                try await cluster.shell("squeue -h -t pending -o %T") == "PENDING"
            }
            try await cluster.shell("scontrol update nodename=$(hostname -s) state=resume", check: false)
            #expect(try await running.endedValue.stages.done == 1)
            try await expectOneRestart(cluster, ledger)
        }
    }

    @Test("F11: a job that a person cancels is not started again")
    func cancelledByHand() async throws {
        try await SlurmCluster.with { cluster in
            let ledger = MemoryLedger(count: 2)
            let scheduler = try cluster.scheduler(ledger, endless: "1")
            let running = Task { try await scheduler.run() }
            try await cluster.wait("both run") { cluster.mostAtOnce == 2 }
            try await cluster.shell("scancel -u root")
            let summary = try await running.endedValue
            #expect(summary.stages.failed == 2)
            for run in ["train0", "train1"] {
                #expect(await ledger.records[run]?.cause == .cancelled)
                #expect(cluster.starts(run).count == 1)
            }
        }
    }

    @Test("F11: Slurm's controller goes away and comes back: patience, nothing lost, nothing started twice")
    func controllerRestarted() async throws {
        try await SlurmCluster.with { cluster in
            let ledger = MemoryLedger(count: 3)
            let scheduler = try cluster.scheduler(ledger, ceiling: 2, tenths: 20)
            let running = Task { try await scheduler.run() }
            try await cluster.wait("a job runs") { cluster.mostAtOnce > 0 }
            // By TERM, as a restart does: killed at once it would forget jobs and give their numbers out again.
            try await cluster.shell("kill $(cat \(cluster.folder)/run/slurmctld.pid)")
            try await cluster.wait("the silence is noticed") { cluster.warnings.contains { $0.contains("waiting") } }
            try await cluster.shell("slurmctld")
            #expect(try await running.endedValue.stages.done == 3, "\(cluster.warnings)")
            for run in ["train0", "train1", "train2"] { #expect(cluster.starts(run).count == 1) }
        }
    }

    /// A command in sbatch's place; its first call does `first` and says that it heard nothing.
    static let ambiguities = [
        "accepted": "/usr/bin/sbatch \"$@\"", "not accepted": ":",
        "accepted twice": "/usr/bin/sbatch \"$@\"; /usr/bin/sbatch \"$@\"",
    ]

    @Test(
        "F11: a submission of which nobody knows whether Slurm has it runs once", arguments: ambiguities.keys.sorted())
    func ambiguous(_ name: String) async throws {
        try await SlurmCluster.with { cluster in
            let sbatch = """
                #!/bin/bash
                case "$*" in *--test-only*) exec /usr/bin/sbatch "$@" ;; esac
                mkdir '\(cluster.folder)/called' 2>/dev/null || exec /usr/bin/sbatch "$@"
                { \(SlurmClusterTests.ambiguities[name] ?? ":"); } >/dev/null
                echo 'sbatch: error: Batch job submission failed: Socket timed out on send/recv operation' >&2
                exit 1
                """
            try sbatch.write(toFile: cluster.folder + "/bin/sbatch", atomically: true, encoding: .utf8)
            try await cluster.shell("chmod +x \(cluster.folder)/bin/sbatch")
            let ledger = MemoryLedger(count: 2)
            let summary = try await cluster.scheduler(ledger).run()
            #expect(summary.stages.done == 2, "\(cluster.warnings)")
            for run in ["train0", "train1"] {
                #expect(cluster.starts(run).map(\.attempt) == [1])
                #expect(await ledger.records[run]?.completions == 1)
            }
        }
    }

    @Test("A sweeper that ends leaves its jobs to the next; two at once share the work")
    func sweepers() async throws {
        try await SlurmCluster.with { cluster in
            let ledger = MemoryLedger(count: 6)
            let dead = ProcessIdentity(host: ProcessTable.host, pid: Int32.max, startTicks: 1)
            let first = try cluster.scheduler(ledger, me: dead, tenths: 15)
            let running = Task { try await first.run() }
            try await cluster.wait("a job runs") { cluster.mostAtOnce > 0 }
            running.cancel()
            _ = try? await running.value
            let parent = try #require(ProcessTable.identity(getppid()))
            async let left = cluster.scheduler(ledger, tenths: 15).run()
            async let right = cluster.scheduler(ledger, me: parent, tenths: 15).run()
            let done = try await [left, right].map(\.stages.done)
            #expect(done == [6, 6], "\(cluster.warnings)")
            for run in (0..<6).map({ "train\($0)" }) {
                #expect(cluster.starts(run).count == 1, "\(run)")
                #expect(await ledger.records[run]?.completions == 1)
            }
        }
    }

    @Test("What Slurm refuses is said in Slurm's words, and nothing is left submitted")
    func refused() async throws {
        try await SlurmCluster.with { cluster in
            let ledger = MemoryLedger(count: 1)
            let error = await #expect(throws: SlurmError.self) {
                try await cluster.scheduler(ledger, partition: "nosuch").run()
            }
            #expect(error?.description.contains("invalid partition specified: nosuch") == true)
            #expect(error?.description.contains("--partition") == true)
            #expect(await ledger.claimed == 0)

            let large = MemoryLedger(count: 1, resources: StageResources(memory: 1 << 50))
            await #expect(throws: SlurmError.self) { try await cluster.scheduler(large).run() }
            #expect(await large.records["train0"]?.state == .pending)
            // Slurm remembers what it refused as failed; waiting or running is nothing.
            let queue = try await cluster.shell("squeue -h")
            #expect(queue == "")
        }
    }

    /// Started twice by one job, as attempts 1 and 2, and no attempt of the policy is gone.
    private func expectOneRestart(_ cluster: SlurmCluster, _ ledger: MemoryLedger) async throws {
        let starts = cluster.starts("train0")
        #expect(starts.map(\.attempt) == [1, 2], "\(cluster.warnings)")
        #expect(Set(starts.map(\.job)).count == 1)
        let stage = try #require(await ledger.records["train0"])
        #expect(stage.maximumAttempts - stage.attempts == 1)
        #expect(stage.completions == 1)
    }
}

extension Task where Failure == any Error {
    /// The task's value; a test whose time is over ends the task too, instead of waiting for it.
    fileprivate var endedValue: Success {
        get async throws {
            try await withTaskCancellationHandler {
                try await value
            } onCancel: {
                cancel()
            }
        }
    }
}
