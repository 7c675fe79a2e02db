import Experiment
import FoundationEssentials
package import Tensor

/// What must be the same on all ranks of a training, and what must not.
package struct RankFacts: Codable, Sendable, Hashable {
    package var host: String
    /// Card or processor and what it computes in: other ones round differently, and models would drift apart.
    package var kind: String
    /// The card itself; nil for processors, which ranks may share.
    package var card: String?
    /// Of the run's config.
    package var settings: String
    /// Steps done.
    package var step: Int

    package init(host: String, kind: String, card: String?, settings: String, step: Int) {
        self.host = host
        self.kind = kind
        self.card = card
        self.settings = settings
        self.step = step
    }

    /// Throws what is wrong with these ranks, in their order.
    package static func check(_ all: [RankFacts]) throws(RankError) {
        guard let first = all.first else { return }
        for (rank, facts) in all.enumerated().dropFirst() {
            let (here, there) = ("rank 0 (on \(first.host))", "rank \(rank) (on \(facts.host))")
            guard facts.settings == first.settings else {
                throw RankError(
                    .unequalRanks, "\(here) and \(there) have different configs; start all ranks with the same settings"
                )
            }
            guard facts.kind == first.kind else {
                throw RankError(
                    .unequalRanks,
                    "\(here) computes on \(first.kind) and \(there) on \(facts.kind), whose results differ; use cards of "
                        + "one kind, by CUDA_VISIBLE_DEVICES or Slurm's --constraint, or fewer ranks")
            }
            guard facts.step == first.step else {
                throw RankError(
                    .unequalRanks,
                    "\(here) goes on from step \(first.step) and \(there) from step \(facts.step); give all ranks the "
                        + "same run directory, on a file system that they share")
            }
            if let card = facts.card,
                let other = all[..<rank].firstIndex(where: { $0.card == card && $0.host == facts.host })
            {
                throw RankError(
                    .unequalRanks,
                    "ranks \(other) and \(rank) (on \(facts.host)) share one GPU; give each its own, as by "
                        + "--gpus-per-task 1, or start fewer ranks")
            }
        }
    }

    /// Tells the other ranks, and hears of them; throws where they do not belong together.
    func agree(_ communicator: any Communicator) throws -> [RankFacts] {
        let bytes = [UInt8](try JSONCoding.encode(self))
        let all = try communicator.exchange(bytes).map { try JSONCoding.decode(RankFacts.self, from: .init($0)) }
        try RankFacts.check(all)
        return all
    }
}
