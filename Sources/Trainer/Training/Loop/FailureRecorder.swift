import Tensor
import Transformer

/// Keeps the batch whose loss was no number beside the run's checkpoints, to look into what happened.
package final class FailureRecorder: TrainingListener {
    package static let fileName = "non-finite-batch.safetensors"

    private let path: String

    package init(runDirectory: String) { path = "\(runDirectory)/\(FailureRecorder.fileName)" }

    package func handle(_ event: TrainingEvent) throws -> TrainingEvent? {
        guard case .nonFinite(let failure) = event else { return nil }
        let metadata = [
            "step": "\(failure.step)", "loss": "\(failure.loss)", "diagnosis": failure.diagnosis.sentence,
        ]
        try SafeTensors.write(failure.batch.fileTensors(), metadata: metadata, to: path)
        return nil
    }
}
