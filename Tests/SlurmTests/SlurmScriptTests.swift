import Experiment
import Foundation
import Subprocess
import SweepLaunchers
import SystemPackage
import Testing

@Suite("The script of a job, and what is said to sbatch (S6)")
struct SlurmScriptTests {
    @Test("Words arrive as they are, whatever is in them")
    func literal() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/saga it's \(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let words = [
            "a b", "it's", "\"q\"", "$(id)", "`id`", "new\nline", "-x", "--flag", ";id", "%", "*", "\\", "", "é",
        ]
        let task = SlurmScript.Task(
            directory: folder, attempt: 3, command: ["/usr/bin/printf", "<%s>"] + words, environment: ["ODD": "$(id) '"]
        )
        let other = SlurmScript.Task(directory: "/nowhere", attempt: 1, command: ["false"])
        for _ in 1...2 {
            try await run(SlurmScript(tasks: [other, task]), array: "7", task: "1", restarts: "2")
        }
        // Another job of the same attempt leaves it alone.
        try await run(SlurmScript(tasks: [other, task]), array: "8", task: "1", restarts: "0")
        let log = try String(contentsOfFile: folder + "/output.log", encoding: .utf8)
        let printed = words.map { "<\($0)>" }.joined()
        #expect(log.components(separatedBy: printed).count == 3)
        #expect(log.contains("attempt 5 "))
        #expect(!log.contains("job 8"))
    }

    @Test(
        "What another program came to is written down for it; when its time is up it is ended and not begun again",
        arguments: [
            ("exit 0", "finished", 0), ("exit 3", "failed", 3), ("kill -USR1 $PPID; exec sleep 60", "failed", 75),
            ("trap 'exit 0' TERM; kill -USR1 $PPID; while :; do sleep 0.05; done", "finished", 0),
        ] as [(String, String, Int32)])
    func program(work: String, state: String, code: Int32) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/saga-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder + "/its own", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let task = SlurmScript.Task(
            directory: folder, attempt: 1,
            command: ["/bin/bash", "-c", "echo \"$PWD $OMP_NUM_THREADS $SAGA_THREADS\"; \(work)"],
            environment: ["SLURM_CPUS_PER_TASK": "3"], programFolder: folder + "/its own")
        try await run(SlurmScript(tasks: [task]), array: "7", task: "0", restarts: "1", code: code)
        let result = try #require(StageResult.read(fromDirectory: folder))
        #expect(result.state.rawValue == state && result.exitCode == code && result.attempt == 2)
        let log = try String(contentsOfFile: folder + "/output.log", encoding: .utf8)
        #expect(log.contains("\(folder)/its own 3 3\n"))
    }

    private func run(
        _ script: SlurmScript, array: String, task: String, restarts: String, code: Int32 = 0
    ) async throws {
        let variables: [Environment.Key: String?] = [
            "SLURM_ARRAY_JOB_ID": array, "SLURM_ARRAY_TASK_ID": task, "SLURM_JOB_ID": "99",
            "SLURM_RESTART_COUNT": restarts,
        ]
        let result = try await Subprocess.run(
            .path("/bin/bash"), arguments: ["-c", script.text], environment: .inherit.updating(variables),
            output: .string(limit: 1000), error: .string(limit: 1000))
        #expect(result.terminationStatus == .exited(code), "\(result.standardError)")
    }

    @Test(
        "Names that are none are refused before anything is submitted",
        arguments: ["", "-x", "a b", "a;id", "$(id)", "a\nb", "a'b", "--wrap=id", "ü", "a\0b"])
    func names(_ name: String) {
        #expect(throws: SlurmError.self) { _ = try SlurmOptions(partition: name) }
        #expect(throws: SlurmError.self) { _ = try SlurmOptions(account: name) }
        #expect(throws: SlurmError.self) { _ = try SlurmOptions(qos: name) }
    }

    @Test("Resources become sbatch's options; a lead is never longer than half the time")
    func resources() throws {
        let options = try SlurmOptions(partition: "gpu", account: "me@lab", gpuType: "a100", lead: 300)
        let words = options.arguments(
            for: StageResources(gpus: 2, cpus: 8, memory: (1 << 30) + 1, time: 90))
        #expect(
            words == [
                "--partition=gpu", "--account=me@lab", "--gres=gpu:a100:2", "--cpus-per-task=8", "--mem=1025M",
                "--time=2", "--signal=B:USR1@45",
            ])
        #expect(try SlurmOptions().arguments(for: StageResources()) == ["--signal=B:USR1@120"])
    }

    @Test(
        "What Slurm says is told apart: no answer, no room, no",
        arguments: [
            ("sbatch: error: Unable to contact slurm controller (connect failure)", .away),
            ("sbatch: error: Batch job submission failed: Socket timed out on send/recv operation", .away), ("", .away),
            (
                "sbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit)",
                .full
            ),
            ("sbatch: error: Batch job submission failed: Invalid account or account/partition combination", .refused),
            ("Slurm accounting storage is disabled", .missing),
        ] as [(String, SlurmError.Kind)])
    func errors(_ said: String, _ kind: SlurmError.Kind) {
        #expect(SlurmError(command: "sbatch", exitCode: 1, errors: said).kind == kind)
    }
}
