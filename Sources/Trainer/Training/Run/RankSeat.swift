import CUDA
import Experiment
import FoundationEssentials
import Ranks
import Tensor

/// One process's place among those that train a model together.
package final class RankSeat {
    let group: RankGroup
    /// Of the ranks of its machine.
    let localRank: Int
    /// The GPUs of all ranks of this machine, once they have met.
    private(set) var cards: [String] = []

    init(group: RankGroup, localRank: Int) {
        self.group = group
        self.localRank = localRank
    }

    /// Sums by the device's own means where it has some, after all ranks have found that they belong together.
    func communicator(
        _ chosen: ComputeDevice.Chosen, _ run: StageRun, step: Int
    ) throws -> any Communicator {
        let facts = RankFacts(
            host: RankMeeting.hostName, kind: chosen.kind, card: chosen.card,
            settings: SHA256.hex(try JSONCoding.encode(run.settings.config)), step: step)
        cards = try facts.agree(group).filter { $0.host == facts.host }.compactMap(\.card)
        let (communicator, stop) = try chosen.communicator(group)
        if let stop { group.whenLost(stop) }
        return communicator
    }
}
