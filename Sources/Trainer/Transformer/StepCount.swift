import Tensor

/// What the host knows of an optimizer's steps: the norms of those that a device has done, in their order, tell it how many
/// were taken and what the scale of the loss has become.
final class StepCount {
    private var known = 0
    private let lossScaler: LossScaler?
    /// Steps of which may not be known yet what became of them.
    private var open: [Pending<StepOutcome>] = []

    init(_ lossScaler: LossScaler?) { self.lossScaler = lossScaler }

    /// Waits for the norms of steps that were begun.
    var taken: Int {
        while !open.isEmpty { _ = open.removeFirst().value }
        return known
    }

    func restore(_ taken: Int) {
        open = []
        known = taken
    }

    /// Another step, whose gradients have this norm, counting the scale of the loss.
    func begin(_ norm: Pending<Double>) -> Pending<StepOutcome> {
        // What a device has not done by now holds up the host; and who never asks leaves no more than this behind.
        while open.count > 1 { _ = open.removeFirst().value }
        let before = open.last
        let outcome = Pending<StepOutcome> { [unowned self] in
            _ = before?.value
            return take(norm.value)
        }
        open.append(outcome)
        return Pending<StepOutcome> { [self] in
            defer { open.removeAll { $0 === outcome } }
            return outcome.value
        }
    }

    private func take(_ scaledNorm: Double) -> StepOutcome {
        let scale = lossScaler?.scale
        let norm = scaledNorm / Double(scale ?? 1)
        let canGoOn = lossScaler?.update(isFinite: norm.isFinite) ?? norm.isFinite
        if norm.isFinite { known += 1 }
        return StepOutcome(norm: norm, isSkipped: canGoOn && !norm.isFinite, lossScale: scale)
    }
}
