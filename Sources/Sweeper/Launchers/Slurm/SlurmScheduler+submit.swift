import Experiment
import Foundation
import SweepScheduler

extension SlurmScheduler {
    /// Takes what is ready, as long as jobs may run that do not.
    ///
    /// A stage is claimed, and so submitted, when the stages before it are done, not with a dependency on their jobs:
    /// a job that is tried again is another job, and whoever depended on the first would never start.
    func claimMore() async throws {
        guard !isSlurmAway, freeJobs > 0, !held.values.contains(where: \.isToBeSubmitted) else { return }
        let limit = min(ClaimRequest.maximumLimit, await arrayLimit())
        let request = ClaimRequest(claimant: options.me, leaseSeconds: options.lease, limit: limit)
        for claim in try await patiently({ try await self.ledger.claim(request) }).claims {
            held[claim.stageKey] = Held(
                claim: claim, isToBeSubmitted: true, since: clock.uptime, lastBeat: clock.uptime)
        }
    }

    private func arrayLimit() async -> Int {
        if let largestArray { return largestArray }
        let limit = max(1, await slurm.largestArray() - 1)
        largestArray = limit
        return limit
    }

    /// How many more jobs may run at the same time. Each array has a ceiling of its own, so that all arrays together
    /// keep to the sweep's.
    private var freeJobs: Int {
        let arrays = held.values.filter { !$0.isToBeSubmitted }.compactMap { item -> String? in
            item.claim.job?.id.split(separator: "_").first.map(String.init)
        }
        let counts = Dictionary(arrays.map { ($0, 1) }, uniquingKeysWith: +)
        return options.slurm.ceiling - counts.reduce(0) { $0 + min($1.value, throttles[$1.key] ?? $1.value) }
    }

    func submit() async throws {
        struct Kind: Hashable {
            var stage: String
            var resources: StageResources
        }
        let waiting = held.values.filter(\.isToBeSubmitted).map(\.claim)
        let kinds = Dictionary(grouping: waiting) { Kind(stage: $0.stage, resources: $0.resources) }
        for (kind, claims) in kinds.sorted(by: { $0.key.stage < $1.key.stage }) {
            var rest = claims.sorted { ($0.trial ?? 0, $0.title) < ($1.trial ?? 0, $1.title) }[...]
            while !rest.isEmpty, freeJobs > 0 {
                let size = min(rest.count, await arrayLimit())
                try await submit(Array(rest.prefix(size)), options.slurm.arguments(for: kind.resources))
                rest = rest.dropFirst(size)
            }
        }
    }

    /// One array. Until Slurm has answered the claims bear its name: whoever finds them then, this sweeper or another
    /// one, asks Slurm for it and does not submit them again while it may be under way.
    private func submit(_ claims: [StageClaim], _ arguments: [String]) async throws {
        let name = SlurmScheduler.name(of: claims[0])
        var tasks: [SlurmScript.Task] = []
        var keys: [String] = []
        for claim in claims {
            do {
                if let owner = owner(of: claim) {
                    // A job has it, though its number was lost on the way.
                    held[claim.stageKey]?.isToBeSubmitted = false
                    try await track(claim.stageKey, id: owner)
                    continue
                }
                tasks.append(try await prepare(claim, name: "\(name)_\(tasks.count)"))
                keys.append(claim.stageKey)
            } catch let error as LedgerError where error.kind == .lost {
                lose(claim.stageKey)
            }
        }
        guard !tasks.isEmpty else { return }
        let throttle = min(freeJobs, tasks.count)
        let path: String
        do {
            path = try write(SlurmScript(tasks: tasks), name: name)
        } catch {
            throw LauncherError(
                "slurm_directory",
                "\(options.home.path)/slurm cannot be written (\(error)); make room or set SAGA_HOME")
        }
        let array = [
            "--job-name=\(name)", "--array=0-\(tasks.count - 1)%\(throttle)", "--requeue", "--open-mode=append",
            "--export=ALL", "--chdir=\(options.home.path)", "--output=/dev/null", "--error=/dev/null", "--nodes=1",
            "--ntasks=1",
        ]
        for key in keys { held[key]?.since = clock.uptime }
        do {
            let id = try await slurm.submit(script: path, arguments: arguments + array)
            noteSlurmBack()
            throttles[id] = throttle
            for (task, key) in keys.enumerated() {
                held[key]?.isToBeSubmitted = false
                do {
                    try await track(key, id: "\(id)_\(task)")
                } catch let error as LedgerError where error.kind == .lost {
                    lose(key)
                }
            }
        } catch let error as SlurmError {
            try await note(error, keys)
        }
    }

    private func note(_ error: SlurmError, _ keys: [String]) async throws {
        switch error.kind {
        case .away:
            // It may have been accepted: looked for by name from now on.
            for key in keys { held[key]?.isToBeSubmitted = false }
            noteSlurmAway(error)
        case .full:
            if warnings.insert(error.description).inserted {
                tell(.warning("\(error.description); the rest is submitted when there is room"))
            }
        case .refused, .missing:
            for key in keys {
                guard let claim = held[key]?.claim else { continue }
                _ = try await send(.failed(message: error.description, retry: true, cause: .launch), of: claim)
                held[key] = nil
            }
            throw error
        }
    }

    private func prepare(_ claim: StageClaim, name: String) async throws -> SlurmScript.Task {
        let directory = options.home.runDirectory(claim.run)
        let job = BatchJob(system: "slurm", id: name)
        var claim = try await send(.submitted(job: job), of: claim) ?? claim
        claim = try await send(.launching(directory: directory), of: claim, note: held[claim.stageKey]?.reason) ?? claim
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            let settings = RunSettings(claim, directory: directory)
            try JSONCoding.encode(settings).write(to: URL(filePath: directory + "/run.json"), options: .atomic)
            try ProgramEnvironment.write(claim, directory: directory)
        } catch {
            throw LauncherError(
                "run_directory", "\(directory) cannot be written (\(error)); make room or set SAGA_HOME")
        }
        let command = try options.command(claim, directory)
        return SlurmScript.Task(
            directory: directory, attempt: claim.attempt, command: command.words, environment: command.environment,
            programFolder: command.programFolder)
    }

    private func write(_ script: SlurmScript, name: String) throws -> String {
        let folder = options.home.path + "/slurm"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let path = "\(folder)/\(name).sh"
        try Data(script.text.utf8).write(to: URL(filePath: path), options: .atomic)
        return path
    }

    /// Says in `squeue` what it is, and is never used again.
    private static func name(of claim: StageClaim) -> String {
        let readable = "\(claim.sweepName)-\(claim.stage)".unicodeScalars.map { scalar in
            scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
                ? String(scalar) : "-"
        }.joined().prefix(40)
        return "saga-\(readable)-\(UUID().uuidString.prefix(13).lowercased())"
    }
}
