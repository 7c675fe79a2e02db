import Experiment
import Foundation
import Subprocess
import SweepLaunchers
import SweepScheduler
import Synchronization
import SystemPackage
import Testing

/// A Slurm of this test's own, with a program that does what a trainer does in the trainer's place.
struct SlurmCluster: Sendable {
    let folder: String
    var home: SagaHome { SagaHome(path: folder + "/home") }
    private let notes = Notes()

    /// Why no Slurm can be started here; nil where it can.
    static let obstacle: String? = {
        if getuid() != 0 { return "starting Slurm's daemons needs root" }
        let programs = ["munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol"]
        let folders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"]
        let missing = programs.filter { program in
            !folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
        }
        return missing.isEmpty
            ? nil : "Slurm is not installed (\(missing.joined(separator: ", "))): scripts/prerequisites"
    }()

    /// Runs `body` with a cluster that is up.
    static func with(_ body: (SlurmCluster) async throws -> Void) async throws {
        let cluster = SlurmCluster(folder: "/tmp/saga-slurm-\(UUID().uuidString.prefix(8))")
        let up = try await cluster.script("up")
        guard up.isEmpty else { throw Failure("no cluster: \(up)") }
        do {
            try FileManager.default.createDirectory(atPath: cluster.home.path, withIntermediateDirectories: true)
            try FileManager.default.createDirectory(
                atPath: cluster.folder + "/bin", withIntermediateDirectories: true)
            try cluster.program.write(toFile: cluster.folder + "/work", atomically: true, encoding: .utf8)
            try await body(cluster)
        } catch {
            _ = try? await cluster.script("down")
            throw error
        }
        _ = try await cluster.script("down")
    }

    private func script(_ name: String) async throws -> String {
        let path = Bundle.module.bundlePath + "/Cluster/" + name
        return try await shell("bash '\(path)' '\(folder)' 2>&1", check: false)
    }

    /// Counts its starts; goes on until it is told to end in the attempts that `ENDLESS` lists, else for `TENTHS`.
    private let program = #"""
        directory=$1
        echo "$SAGA_ATTEMPT $SLURM_JOB_ID" >>"$directory/starts"
        echo + >>"$SAGA_HOME/events"
        finish() {
            echo - >>"$SAGA_HOME/events"
            echo "{\"state\":\"$1\",\"exitCode\":$2,\"attempt\":$SAGA_ATTEMPT}" >"$directory/result.tmp"
            mv "$directory/result.tmp" "$directory/result.json"
            exit "$2"
        }
        trap 'finish killed 143' TERM
        step=0
        while [[ " $ENDLESS " == *" $SAGA_ATTEMPT "* ]] || [ $step -lt "${TENTHS:-3}" ]; do
            sleep 0.1 &
            wait $!
            step=$((step + 1))
        done
        finish finished 0

        """#

    var environment: [String: String] {
        var environment = ProcessInfo.processInfo.environment
        environment["SLURM_CONF"] = folder + "/slurm.conf"
        environment["SAGA_HOME"] = home.path
        // The three programs lie beside the tests.
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let programs = (tests as NSString).deletingLastPathComponent
        environment["SAGA_THREADS"] = "1"
        for name in ["SAGA_URL", "SAGA_TOKEN", "DATABASE_URL"] { environment[name] = nil }
        environment["PATH"] = folder + "/bin:\(programs):/usr/sbin:" + (environment["PATH"] ?? "/usr/bin:/bin")
        return environment
    }

    /// What a shell prints, with the cluster's commands.
    @discardableResult
    func shell(_ command: String, check: Bool = true) async throws -> String {
        let variables = environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) }
        let result = try await Subprocess.run(
            .path("/bin/bash"), arguments: ["-c", command],
            environment: .custom(Dictionary(uniqueKeysWithValues: variables)),
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        if check, result.terminationStatus != .exited(0) {
            throw Failure("\(command): \(result.terminationStatus) \(result.standardError)")
        }
        return result.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Starts a command and leaves it running in the cluster's folder; its pid.
    func background(_ command: String, log: String) async throws -> String {
        try await shell("cd \(folder); (exec env \(command) >\(log).log 2>&1 </dev/null) & echo $!")
    }

    func log(_ name: String) -> String {
        (try? String(contentsOfFile: "\(folder)/\(name).log", encoding: .utf8)) ?? ""
    }

    func scheduler(
        _ ledger: MemoryLedger, me: ProcessIdentity = ProcessTable.current(), partition: String? = nil,
        ceiling: Int = 4,
        lead: Int = 50, endless: String = "", tenths: Int = 3
    ) throws -> SlurmScheduler {
        let work = folder + "/work"
        var options = SlurmScheduler.Options(
            slurm: try SlurmOptions(partition: partition, ceiling: ceiling, lead: lead), me: me, home: home
        ) { _, directory in
            SlurmCommand(
                words: ["/bin/bash", work, directory], environment: ["ENDLESS": endless, "TENTHS": String(tenths)])
        }
        options.poll = 0.5
        options.settling = 3
        let notes = notes
        return SlurmScheduler(
            ledger: ledger, slurm: SlurmClient(environment: environment), options: options
        ) { event in
            if case .warning(let text) = event { notes.lines.withLock { $0.append(text) } }
        }
    }

    var warnings: [String] { notes.lines.withLock { $0 } }

    /// Attempt and job of each start of a run, in order.
    func starts(_ run: String) -> [(attempt: Int, job: String)] {
        lines(home.runs + "/\(run)/starts").compactMap { line in
            let words = line.split(separator: " ").map(String.init)
            return words.count == 2 ? Int(words[0]).map { ($0, words[1]) } : nil
        }
    }

    /// How many programs ran at the same time at most.
    var mostAtOnce: Int {
        var (now, most) = (0, 0)
        for line in lines(home.path + "/events") {
            now += line == "+" ? 1 : -1
            most = max(most, now)
        }
        return most
    }

    private func lines(_ path: String) -> [String] {
        ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
    }

    /// Waits until `condition` holds, for minutes if need be.
    func wait(_ what: String, _ condition: () async throws -> Bool) async throws {
        for _ in 0..<3000 {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw Failure("waited in vain: \(what); \(warnings); \(try await shell("squeue -t all", check: false))")
    }

    private final class Notes: Sendable {
        let lines = Mutex<[String]>([])
    }

    struct Failure: Error, CustomStringConvertible {
        var description: String
        init(_ description: String) { self.description = description }
    }
}
