import Experiment
import Foundation
import SweepLaunchers
import Testing

@Suite(
    "A sweep file on Slurm with the three programs", .timeLimit(.minutes(4)),
    .enabled(if: SlurmCluster.obstacle == nil, "\(SlurmCluster.obstacle ?? "")"))
struct SlurmSweepTests {
    /// 2 trainings, 4 generations.
    private static let definition = """
        name: small
        project: slurm
        method: grid
        metric: {name: probe/image_given_audio, goal: minimize}
        parameters:
          tokens: {value: small}
          subset: {values: [image+audio, image+pseudo-depth+audio]}
          temperature: {values: [0, 1.0]}
          dim: {value: 32}
          head_dim: {value: 16}
          enc_depth: {value: 1}
          dec_depth: {value: 1}
          batch_size: {value: 4}
          input_tokens_range: {value: [8, 32]}
          target_tokens_range: {value: [8, 32]}
          total_tokens: {value: 60000}
          eval_every_tokens: {value: 30000}
          checkpoint_every_tokens: {value: 10000}
          eval_clips: {value: 4}
          lr: {value: 0.003}
          generation_clips: {value: 2}
          generation_steps: {value: 4}
        stages:
          - name: train
          - name: generate
            reads: [temperature, generation_clips, generation_steps]
        """

    @Test(
        "The sweeper is killed, and another goes on with the sweep by its name: every stage ends once, with all of its log"
    )
    func killed() async throws {
        try await SlurmCluster.with { cluster in
            try SlurmSweepTests.definition.write(
                toFile: cluster.folder + "/small.yaml", atomically: true, encoding: .utf8)
            try await cluster.shell(
                """
                trainer prepare --source synthetic --name small --clips 12 --vocabulary 32 --audio-vocabulary 16 \
                    --patch 32 --audio-codebooks 4
                """)
            let tracker = try await cluster.background("tracker serve --port 0", log: "tracker")
            do {
                try await sweep(cluster)
            } catch {
                try await cluster.shell("kill \(tracker)")
                throw error
            }
            try await cluster.shell("kill \(tracker); while kill -0 \(tracker) 2>/dev/null; do sleep 0.1; done")
        }
    }

    @Test("A partition that Slurm refuses: its words, what to do, exit code 1, and no sweep is made")
    func refused() async throws {
        try await SlurmCluster.with { cluster in
            try SlurmSweepTests.definition.write(
                toFile: cluster.folder + "/small.yaml", atomically: true, encoding: .utf8)
            // There is no tracker: Slurm is asked first.
            let said = try await cluster.shell(
                """
                cd \(cluster.folder)
                SAGA_URL=http://127.0.0.1:1 sweeper run small.yaml --launcher slurm --partition nosuch 2>&1; echo $?
                """,
                check: false)
            #expect(said.contains("invalid partition specified: nosuch"), "\(said)")
            #expect(said.contains("--partition") && said.split(separator: "\n").last == "1", "\(said)")
            #expect(said.split(separator: "\n").count == 2, "\(said)")
        }
    }

    private func sweep(_ cluster: SlurmCluster) async throws {
        try await cluster.wait("the tracker listens") { cluster.log("tracker").contains("listening on") }
        let url = try #require(cluster.log("tracker").firstMatch(of: /listening on (http:\S+)/)?.1)
        let run = "SAGA_URL=\(url) sweeper run small.yaml --launcher slurm --ceiling 2 --poll 0.5"
        let first = try await cluster.background(run, log: "sweeper-1")
        try await cluster.wait("a trainer is at work") {
            try await cluster.shell("squeue -h -t running -o %i") != ""
        }
        try await cluster.shell("kill -9 \(first)")
        // By its name: the file may be gone by now.
        let second = try await cluster.background(run.replacing("small.yaml", with: "small"), log: "sweeper-2")
        try await cluster.wait("the second sweeper ends") {
            try await cluster.shell("kill -0 \(second) 2>/dev/null && echo lives", check: false) == ""
        }
        let said = cluster.log("sweeper-1") + cluster.log("sweeper-2")
        #expect(said.contains("4 of 4 trials done; stages: 6 done"), "\(said)")
        let runs = try FileManager.default.contentsOfDirectory(atPath: cluster.home.runs)
        #expect(runs.count == 6)
        for run in runs {
            let log = try String(contentsOfFile: "\(cluster.home.runs)/\(run)/output.log", encoding: .utf8)
            #expect(log.components(separatedBy: "slurm job ").count == 2, "\(log)")
        }
    }
}
