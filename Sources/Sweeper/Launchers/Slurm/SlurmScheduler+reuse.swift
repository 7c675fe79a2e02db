import Experiment
import SweepScheduler

extension SlurmScheduler {
    /// Lets what other sweeps have made stand for stages that were claimed, once it was seen to be whole.
    func takeOver() async throws {
        guard options.takesOver else { return }
        for (key, item) in held.sorted(by: { $0.key < $1.key }) where item.isToBeSubmitted {
            guard let reuse = item.claim.reuse else { continue }
            // Gigabytes may be read.
            try await renewLeases()
            guard held[key]?.order == nil else { continue }
            do {
                let reason = try await takeOver(item.claim, reuse)
                // Offered once.
                held[key]?.claim.reuse = nil
                held[key]?.reason = reason
            } catch let error as LedgerError where error.kind == .lost {
                lose(key)
            }
        }
    }

    /// Nil when it was taken over, else why the stage has to run.
    private func takeOver(_ claim: StageClaim, _ reuse: StageReuse) async throws -> String? {
        let result = "the result of run \(reuse.run) of sweep '\(reuse.sweepName)'"
        var reason = await Artefact.defect(of: reuse).map { "\(result) \($0)" }
        if reason == nil {
            do {
                _ = try await send(.reused, of: claim)
                held[claim.stageKey] = nil
                tell(.reused(claim, reuse))
                return nil
            } catch let error as LedgerError where error.kind == .refused {
                reason = "\(result) was not taken over: \(error)"
            }
        }
        if let reason { tell(.warning("\(claim.stage) \(claim.title) runs: \(reason)")) }
        return reason
    }
}
