import Experiment
import Foundation
import Synchronization
import Tensor

@testable import Ranks

/// Ranks as threads of this process, met through a file as those of `srun` are.
enum Company {
    /// Runs `body` in each rank; the results or errors in their order.
    static func run<Result: Sendable>(
        _ ranks: Int, meeting: String? = nil, _ body: @escaping @Sendable (RankGroup) throws -> Result
    ) -> [Swift.Result<Result, any Error>] {
        let folder = FileManager.default.temporaryDirectory.path + "/saga-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = meeting ?? folder + "/ranks.json"
        let results = Mutex<[Int: Swift.Result<Result, any Error>]>([:])
        let done = DispatchSemaphore(value: 0)
        for rank in 0..<ranks {
            Thread.detachNewThread {
                let result = Swift.Result { try body(group(rank, of: ranks, at: path)) }
                results.withLock { $0[rank] = result }
                done.signal()
            }
        }
        for _ in 0..<ranks { done.wait() }
        return results.withLock { results in (0..<ranks).compactMap { results[$0] } }
    }

    static func group(_ rank: Int, of ranks: Int, at path: String) throws -> RankGroup {
        let nothing: RankGroup.LastResort = { _ in }
        guard rank > 0 else {
            let run = RankRun(id: .random(), directory: "/runs/one", attempt: 3)
            return try RankGroup.lead(
                ranks: ranks, run: run, meetingAt: path, patience: .seconds(20), lastResort: nothing)
        }
        let member = RankPlan.Member(rank: rank, ranks: ranks, localRank: rank, meeting: .file(path))
        return try RankGroup.join(member, patience: .seconds(20), lastResort: nothing)
    }
}
