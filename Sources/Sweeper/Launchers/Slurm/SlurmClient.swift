import Experiment
import Foundation
import Subprocess
import SystemPackage

/// Slurm by its commands. Every call throws a ``SlurmError``.
package struct SlurmClient: Sendable {
    /// Where the commands are looked for, and what they are told by their surroundings.
    private let environment: Environment
    /// A command that has not ended by then is ended.
    private let timeout: Duration
    private let user: String

    package init(environment: [String: String] = ProcessInfo.processInfo.environment, timeout: Duration = .seconds(60))
    {
        // A sweeper that itself is a job must not hand its own allocation on to what it submits.
        let kept: Set = ["SLURM_CONF", "SLURM_CONF_SERVER", "SLURM_CLUSTERS"]
        let own = environment.filter { !$0.key.hasPrefix("SLURM_") || kept.contains($0.key) }
        self.environment = .custom(
            Dictionary(uniqueKeysWithValues: own.map { (Environment.Key(stringLiteral: $0.key), $0.value) }))
        self.timeout = timeout
        user = String(getuid())
    }

    /// Submits a script; answers the job's id.
    package func submit(script: String, arguments: [String]) async throws(SlurmError) -> String {
        let output = try await run("sbatch", ["--parsable"] + arguments + [script])
        // `1234` or `1234;cluster`, perhaps behind notes of a site's plugins.
        let line = output.split(whereSeparator: \.isNewline).last ?? ""
        let id = line.prefix { $0.isASCII && $0.isNumber }
        guard !id.isEmpty else {
            throw SlurmError(.away, "slurm_answer", "sbatch said '\(line.prefix(200))' in the place of a job id")
        }
        return String(id)
    }

    /// Why Slurm would not take such jobs, nil where it would; nothing is submitted.
    package func refusal(of arguments: [String]) async -> SlurmError? {
        do {
            _ = try await run("sbatch", ["--test-only"] + arguments + ["--wrap=true"])
            return nil
        } catch {
            return error
        }
    }

    /// The user's jobs that Slurm's controller remembers, ended ones too.
    package func queue() async throws(SlurmError) -> [SlurmJob] {
        let json = ["--json", "--states=all", "--user=\(user)"]
        if let text = try await unlessUnsupported("squeue", json), let jobs = SlurmJSON.jobs(text) { return jobs }
        if let text = try await unlessUnsupported("scontrol", ["show", "job", "--oneliner", "--all"]) {
            return SlurmText.scontrol(text)
        }
        let format = "--format=\(SlurmText.squeueFormat)"
        return SlurmText.squeue(
            try await run("squeue", ["--noheader", "--array", "--states=all", "--user=\(user)", format]))
    }

    /// Nil when this version of the command cannot do it.
    private func unlessUnsupported(_ command: String, _ arguments: [String]) async throws(SlurmError) -> String? {
        do {
            return try await run(command, arguments)
        } catch {
            if error.kind == .away { throw error }
            return nil
        }
    }

    /// Jobs of these ids or names in the accounts of the last days; nil where none are kept, or they do not answer.
    package func accounts(ids: [String], names: [String]) async -> [SlurmJob]? {
        var jobs: [SlurmJob] = []
        for (option, words) in [("jobs", ids), ("name", names)] where !words.isEmpty {
            let list = ["--\(option)=\(words.joined(separator: ","))", "--starttime=now-30days", "--duplicates"]
            let text = ["--parsable2", "--noheader", "--allocations", "--format=\(SlurmText.sacctFields)"]
            if let answer = try? await run("sacct", ["--json"] + list), let found = SlurmJSON.jobs(answer) {
                jobs += found
            } else if let answer = try? await run("sacct", text + list) {
                jobs += SlurmText.sacct(answer)
            } else {
                return nil
            }
        }
        return jobs
    }

    package func cancel(_ job: String) async throws(SlurmError) { _ = try await run("scancel", [job]) }

    /// How many tasks an array may have.
    package func largestArray() async -> Int {
        let text = (try? await run("scontrol", ["show", "config"])) ?? ""
        let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("MaxArraySize") }
        return line?.split(separator: "=").last.flatMap { Int($0.filter(\.isNumber)) } ?? 1001
    }

    private func run(_ command: String, _ arguments: [String]) async throws(SlurmError) -> String {
        do {
            return try await withThrowingTaskGroup(of: String?.self) { group in
                group.addTask { try await finish(command, arguments) }
                group.addTask {
                    try await Task.sleep(for: timeout)
                    return nil
                }
                defer { group.cancelAll() }
                guard let answer = try await group.next() ?? nil else {
                    throw SlurmError(.away, "slurm_timeout", "\(command) gave no answer within \(timeout)")
                }
                return answer
            }
        } catch let error as SlurmError {
            throw error
        } catch is CancellationError {
            throw SlurmError(.away, "cancelled", "\(command) was called off")
        } catch {
            throw SlurmError(
                .missing, "slurm_missing",
                "\(command) cannot be started (\(error)); run sweeper where Slurm is installed")
        }
    }

    private func finish(_ command: String, _ arguments: [String]) async throws -> String {
        var options = PlatformOptions()
        // A timed out command ends at once: nothing is lost that was not lost already.
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .milliseconds(200))]
        let result = try await Subprocess.run(
            .name(command), arguments: Arguments(arguments), environment: environment, platformOptions: options,
            output: .string(limit: 1 << 28), error: .string(limit: 1 << 20))
        switch result.terminationStatus {
        case .exited(0): return result.standardOutput
        case .exited(let code):
            throw SlurmError(command: command, exitCode: code, errors: result.standardError)
        case .signaled(let signal):
            throw SlurmError(.away, "slurm_killed", "\(command) was killed by signal \(signal)")
        }
    }
}
