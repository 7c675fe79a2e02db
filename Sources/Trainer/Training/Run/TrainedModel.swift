package import Dataset
import Experiment
package import Tensor
package import Transformer

/// The model that a finished (or at least begun) training left in its run directory.
package struct TrainedModel {
    package let model: Nano4M
    /// The modalities it was trained on, in its order.
    package let modalities: [ModalityInfo]
    package let tokens: TokenSet
    /// Steps that it was trained for.
    package let step: Int

    /// Opens what the training with this run directory (from the settings' `inputs`) has left.
    package static func open(
        _ directory: String?, on backend: any Backend = CPUBackend()
    ) throws -> TrainedModel {
        guard let directory else {
            throw SettingsError(
                .missingKey, "generate needs the run directory of a training: \"inputs\": {\"train\": \"DIRECTORY\"}")
        }
        let config = try RunSettings.read(from: "\(directory)/run.json").config
        let settings = try TrainingSettings(config: config)
        let tokens = try TokenSet.open(SagaHome().tokenSet(settings.tokens)).laidOut(as: settings.layout)
        let modalities = try settings.modalities(of: tokens)
        let configuration = try settings.modelConfiguration(modalities)
        let model = Nano4M(configuration, seed: 0, backend: backend)
        let isAveraged = settings.options.emaDecay > 0
        let checkpoints = TrainingCheckpoints(
            store: CheckpointStore(runDirectory: directory), configuration: configuration)
        guard let position = try checkpoints.restore(model, averaged: isAveraged) else {
            throw TrainingError(.noCheckpoint, "\(directory) holds no checkpoint; run 'trainer train' there first")
        }
        return TrainedModel(model: model, modalities: modalities, tokens: tokens, step: position.step)
    }
}
