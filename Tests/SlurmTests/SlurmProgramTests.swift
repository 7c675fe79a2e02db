import Experiment
import Foundation
import Testing

@Suite(
    "A sweep of any program on Slurm", .timeLimit(.minutes(4)),
    .enabled(if: SlurmCluster.obstacle == nil, "\(SlurmCluster.obstacle ?? "")"))
struct SlurmProgramTests {
    /// Where it runs is the file's word; values that a shell or an option parser would read otherwise.
    private static let definition = """
        name: any
        project: slurm
        method: grid
        program: work.sh
        command: [bash, "${program}", "${args_json_file}", "${args}", "--last"]
        parameters:
          text: {values: ["a b", "it's \\"q\\"", "-x", "new\\nline", "$(id) `id` ;"]}
          number: {value: 0.5}
        resources: {cpus: 1, memory: 50MB, time: 10m}
        launcher: {type: slurm, partition: batch, array_ceiling: 2, options: ["--nice=1"]}
        on_finish: cat >done.json
        """

    /// Fails as a wrong command line of our trainer would, but only the first time that it is given `-x`.
    private static let work = #"""
        directory=$WANDB_DIR
        printf '<%s>' "$@" >"$directory/arguments"
        cat "$1" >"$directory/json"
        echo "$PWD $WANDB_RUN_ID $WANDB_SWEEP_ID $WANDB_BASE_URL ${#WANDB_API_KEY} $SLURM_JOB_PARTITION" \
            >"$directory/surroundings"
        grep -q '"-x"' "$1" && [ "$SAGA_ATTEMPT" = 1 ] && exit 2
        exit 0

        """#

    @Test("Arguments arrive literally, in the sweeper's folder, with W&B's variables; a failure is tried again")
    func program() async throws {
        try await SlurmCluster.with { cluster in
            for (name, text) in [("any.yaml", SlurmProgramTests.definition), ("work.sh", SlurmProgramTests.work)] {
                try text.write(toFile: "\(cluster.folder)/\(name)", atomically: true, encoding: .utf8)
            }
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

    private func sweep(_ cluster: SlurmCluster) async throws {
        try await cluster.wait("the tracker listens") { cluster.log("tracker").contains("listening on") }
        let url = try #require(cluster.log("tracker").firstMatch(of: /listening on (http:\S+)/)?.1)
        let sweeper = try await cluster.background("SAGA_URL=\(url) sweeper run any.yaml --poll 0.5", log: "sweeper")
        try await cluster.wait("the sweeper ends") {
            try await cluster.shell("kill -0 \(sweeper) 2>/dev/null && echo lives", check: false) == ""
        }
        let said = cluster.log("sweeper")
        #expect(said.contains("5 of 5 trials done; stages: 5 done"), "\(said)")
        #expect(said.contains("ended with exit code 2"), "\(said)")
        #expect(FileManager.default.fileExists(atPath: cluster.folder + "/done.json"))

        var texts: Set<String> = []
        let runs = try FileManager.default.contentsOfDirectory(atPath: cluster.home.runs)
        #expect(runs.count == 5)
        for run in runs {
            func file(_ name: String) throws -> String {
                try String(contentsOfFile: "\(cluster.home.runs)/\(run)/\(name)", encoding: .utf8)
            }
            let text = try #require(try JSONParser.parse(file("json")).object?["text"]?.string)
            texts.insert(text)
            let path = "\(cluster.home.runs)/\(run)/config.json"
            #expect(try file("arguments") == "<\(path)><--number=0.5><--text=\(text)><--last>")
            let words = try file("surroundings").split(separator: " ").map(String.init)
            #expect(words[0] == cluster.folder && words[1] == run && words[3] == url && words[4] == "40")
            #expect(words[5] == "batch\n")
            let attempts = try file("output.log").components(separatedBy: "slurm job ").count - 1
            #expect(attempts == (text == "-x" ? 2 : 1))
        }
        #expect(texts == ["a b", "it's \"q\"", "-x", "new\nline", "$(id) `id` ;"])
        // A key does not lie on a disk that others may read.
        let scripts = cluster.home.path + "/slurm"
        #expect(try await cluster.shell("grep -rl WANDB_API_KEY \(scripts)", check: false) == "")
    }

    @Test("What Slurm would never run is refused before there is a sweep; the command line overrides the file")
    func refused() async throws {
        try await SlurmCluster.with { cluster in
            try SlurmProgramTests.definition.replacing("batch", with: "nowhere").write(
                toFile: cluster.folder + "/any.yaml", atomically: true, encoding: .utf8)
            try SlurmProgramTests.work.write(toFile: cluster.folder + "/work.sh", atomically: true, encoding: .utf8)
            func say(_ options: String) async throws -> String {
                try await cluster.shell(
                    "cd \(cluster.folder); SAGA_URL=http://127.0.0.1:1 sweeper run any.yaml \(options) 2>&1",
                    check: false)
            }
            // The partition of the file, then of the command line; there the tracker is the next thing that is missing.
            #expect(try await say("").contains("partition"))
            #expect(try await say("--partition batch").contains("tracker serve"))
            #expect(try await say("--launcher local").contains("tracker serve"))
            #expect(try await say("--launcher local --partition batch").contains("--partition is for Slurm"))
            #expect(try await say("--slots 2").contains("--slots is for trainers on this machine"))
            let more = SlurmProgramTests.definition.replacing("cpus: 1", with: "cpus: 5000")
            try more.write(toFile: cluster.folder + "/any.yaml", atomically: true, encoding: .utf8)
            #expect(try await say("").contains("Slurm says"))
        }
    }
}
