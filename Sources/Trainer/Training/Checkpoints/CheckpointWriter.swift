/// Keeps a training's state on disk: at the set intervals, when an evaluation is among the best, and at the end.
package final class CheckpointWriter: TrainingListener {
    private let checkpoints: TrainingCheckpoints
    private let state: TrainingState
    /// The last step whose state is on disk.
    private var savedStep: Int

    package init(_ checkpoints: TrainingCheckpoints, of state: TrainingState, savedStep: Int) {
        self.checkpoints = checkpoints
        self.state = state
        self.savedStep = savedStep
    }

    package func handle(_ event: TrainingEvent) throws -> TrainingEvent? {
        guard case .settled(let place) = event, place.isLast || isWorthKeeping(place) else { return nil }
        let path = try checkpoints.save(state, at: place.position)
        savedStep = place.position.step
        return .checkpointed(step: savedStep, path: path)
    }

    private func isWorthKeeping(_ place: TrainingEvent.Place) -> Bool {
        guard place.position.step > savedStep else { return false }
        return place.isCheckpointDue || place.position.evalLoss.map(checkpoints.isAmongBest) ?? false
    }
}
