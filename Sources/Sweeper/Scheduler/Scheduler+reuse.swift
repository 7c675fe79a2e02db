import Experiment

extension Scheduler {
    /// Lets what another sweep has made stand for the claim's stage, once it was seen to be whole. Nil when that is
    /// done, else why the stage has to run itself.
    func takeOver(_ claim: StageClaim, _ reuse: StageReuse) async throws -> String? {
        let result = "the result of run \(reuse.run) of sweep '\(reuse.sweepName)'"
        if let defect = await launcher.defect(of: reuse) { return "\(result) \(defect)" }
        // Told to stop meanwhile: that comes first.
        if held[claim.holdKey]?.interruption != nil { return nil }
        do {
            _ = try await report(claim, .reused)
        } catch let error as LedgerError where error.kind == .refused {
            return "\(result) was not taken over: \(error)"
        }
        tell(.reused(claim, reuse))
        return nil
    }
}
