package import Experiment
import FoundationEssentials
import Glibc
import Ranks
import Tensor
package import TrackerClient

/// Runs a training in as many processes as are asked for: the first one keeps the run's record.
package enum RankedTraining {
    package typealias Body = (StageRun, RunLogger?, RankSeat?) throws -> Int32?

    /// Returns the exit code of this process; a sentence about any error has been printed then.
    ///
    /// `ranks` is what a person said; without, the environment decides: ``RankPlan``.
    package static func run(settingsPath: String, tracker: TrackerAddress?, ranks: Int?, body: Body) -> Int32 {
        let plan: RankPlan
        do throws(RankError) {
            plan = try RankPlan(asked: ranks, environment: ProcessInfo.processInfo.environment)
        } catch {
            StageRunner.say("\(error)")
            return StageRunner.exitCode(of: error)
        }
        if case .member(let member) = plan, member.rank > 0 {
            return follow(member, settingsPath: settingsPath, body: body)
        }
        return StageRunner.run(settingsPath: settingsPath, stage: "train", tracker: tracker) { run, logger in
            let id = RankRun(id: run.id, directory: run.directory, attempt: run.attempt)
            let lastResort: RankGroup.LastResort = { StageRunner.abandon(run, logger, $0) }
            let group: RankGroup
            switch plan {
            case .alone: return try body(run, logger, nil)
            case .leader(let ranks):
                try check(run, ranks: ranks)
                shareThreads(among: ranks)
                group = try RankGroup.lead(ranks: ranks, run: id, lastResort: lastResort)
            case .member(let member):
                guard case .file(let path) = member.meeting else { return try body(run, logger, nil) }
                try check(run, ranks: member.ranks)
                group = try RankGroup.lead(ranks: member.ranks, run: id, meetingAt: path, lastResort: lastResort)
            }
            return try work(group) { try body(run, logger, RankSeat(group: group, localRank: 0)) }
        }
    }

    /// One of the others: it logs nothing, and goes where the first rank says that the run is. What goes wrong the first
    /// rank tells, unless it cannot.
    private static func follow(_ member: RankPlan.Member, settingsPath: String, body: Body) -> Int32 {
        let group: RankGroup
        do throws(RankError) {
            group = try RankGroup.join(member) { error in
                complain(error, of: member)
                _exit(1)
            }
        } catch {
            StageRunner.say("rank \(member.rank): \(error)")
            return StageRunner.exitCode(of: error)
        }
        do {
            let signal = try work(group) {
                var settings = try RunSettings.read(from: settingsPath)
                (settings.id, settings.directory) = (group.run.id, group.run.directory)
                settings.attempt = group.run.attempt
                let run = try StageRun(settings, stage: "train")
                return try body(run, nil, RankSeat(group: group, localRank: member.localRank))
            }
            return signal.map { 128 + $0 } ?? 0
        } catch {
            complain(error, of: member)
            return StageRunner.exitCode(of: error)
        }
    }

    private static func complain(_ error: any Error, of member: RankPlan.Member) {
        guard let error = error as? RankError, error.kind == .lostRank else { return }
        StageRunner.say("rank \(member.rank): \(error)")
    }

    /// Tells the others why this rank ends, unless they end for the same reason.
    private static func work(_ group: RankGroup, _ body: () throws -> Int32?) throws -> Int32? {
        do {
            let result = try body()
            group.close()
            return result
        } catch {
            let isShared = (error as? TrainingError)?.kind == .nonFiniteLoss && group.rank > 0
            let isWorthRetrying = StageRunner.exitCode(of: error) != StageRunner.uselessToRetry
            let failure = RankError(.failedRank, "\(error)", isWorthRetrying: isWorthRetrying)
            group.close(failure: isShared ? nil : failure)
            throw error
        }
    }

    /// Throws where there is not a sample of each batch for every rank.
    private static func check(_ run: StageRun, ranks: Int) throws {
        let size = try TrainingSettings(config: run.settings.config).batchSize
        guard size >= ranks else {
            throw RankError(
                .invalidRanks,
                "batch_size \(size) is too small for \(ranks) ranks; raise it, or use fewer ranks")
        }
    }

    /// Processes of one machine would fight for its cores.
    private static func shareThreads(among ranks: Int) {
        setenv("SAGA_THREADS", String(max(1, CPUBackend.defaultThreads / ranks)), 1)
    }
}
