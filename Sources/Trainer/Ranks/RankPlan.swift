package import Experiment
import FoundationEssentials
package import Tensor

/// How this process takes part in a training.
package enum RankPlan: Sendable, Hashable {
    case alone
    /// As the first rank, which starts the others on this machine itself.
    case leader(ranks: Int)
    /// As one of ranks that somebody else starts: Slurm's `srun`, or the leader.
    case member(Member)

    package struct Member: Sendable, Hashable {
        package var rank: Int
        package var ranks: Int
        /// Of the ranks of its machine, from 0 on: which GPU it takes.
        package var localRank: Int
        package var meeting: Place
    }

    /// How it hears where to meet.
    package enum Place: Sendable, Hashable {
        case told(RankMeeting)
        /// The first rank writes this file, the others wait for it.
        case file(String)
    }

    /// More ranks than this are a mistake: all speak with the first one.
    package static let mostRanks = 1024

    static let rankVariable = "SAGA_RANK"
    static let meetingVariable = "SAGA_RANK_MEETING"
    package static let ranksVariable = "SAGA_RANKS"

    /// `asked` is what a person said, and counts more than `SAGA_RANKS`, which counts more than Slurm's step.
    package init(
        asked: Int?, environment: [String: String], home: SagaHome = SagaHome()
    ) throws(RankError) {
        if let text = environment[RankPlan.rankVariable] {
            self = .member(try RankPlan.told(rank: text, environment))
            return
        }
        let said = environment[RankPlan.ranksVariable].flatMap { $0.isEmpty ? nil : $0 }
        if let said, asked == nil, Int(said) == nil {
            throw RankError(.invalidRanks, "SAGA_RANKS is '\(said)'; set it to the number of processes, such as 4")
        }
        let step = try RankPlan.step(environment, home)
        if let ranks = asked ?? said.flatMap({ Int($0) }) {
            guard (1...RankPlan.mostRanks).contains(ranks) else {
                throw RankError(
                    .invalidRanks, "\(ranks) ranks are asked for; there can be 1 to \(RankPlan.mostRanks)")
            }
            if let step, ranks > 1 {
                guard step.ranks == ranks else {
                    throw RankError(
                        .invalidRanks,
                        "\(ranks) ranks are asked for, and srun has started \(step.ranks); leave out --ranks and "
                            + "SAGA_RANKS, or use 'srun -n \(ranks)'")
                }
                self = .member(step)
            } else {
                self = ranks == 1 ? .alone : .leader(ranks: ranks)
            }
            return
        }
        self = step.map { .member($0) } ?? .alone
    }

    private static func told(
        rank text: String, _ environment: [String: String]
    ) throws(RankError) -> Member {
        guard let rank = Int(text), let ranks = environment[ranksVariable].flatMap({ Int($0) }),
            rank > 0, rank < ranks, ranks <= mostRanks,
            let meeting = try? JSONCoding.decode(
                RankMeeting.self, from: .init((environment[meetingVariable] ?? "").utf8))
        else {
            throw RankError(
                .invalidRanks, "SAGA_RANK is for processes that a trainer starts itself; unset it, and use --ranks")
        }
        return Member(rank: rank, ranks: ranks, localRank: rank, meeting: .told(meeting))
    }

    /// The place in a step of Slurm's with more than one task. A batch script itself is none: it has a number of tasks
    /// too, and nobody has started them.
    private static func step(_ environment: [String: String], _ home: SagaHome) throws(RankError) -> Member? {
        guard let ranks = environment["SLURM_STEP_NUM_TASKS"].flatMap({ Int($0) }), ranks > 1,
            let job = environment["SLURM_JOB_ID"], let step = environment["SLURM_STEP_ID"]
        else { return nil }
        guard let rank = environment["SLURM_PROCID"].flatMap({ Int($0) }), (0..<ranks).contains(rank),
            ranks <= mostRanks, let local = environment["SLURM_LOCALID"].flatMap({ Int($0) })
        else {
            throw RankError(
                .invalidRanks,
                "srun has started \(ranks) tasks and does not say which this is (SLURM_PROCID, SLURM_LOCALID); use "
                    + "--ranks 1 for a training of its own")
        }
        let restart = environment["SLURM_RESTART_COUNT"] ?? "0"
        return Member(
            rank: rank, ranks: ranks, localRank: local,
            meeting: .file("\(home.cache)/ranks/\(job).\(step).\(restart).json"))
    }
}
