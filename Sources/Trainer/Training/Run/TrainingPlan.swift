import Dataset
import Experiment
import Transformer

/// What a training's config and its token set say, checked: everything but where it is computed.
struct TrainingPlan {
    let settings: TrainingSettings
    let modalities: [ModalityInfo]
    let configuration: Nano4MConfiguration
    let batches: BatchStream
    let evaluator: Evaluator

    init(_ run: StageRun) throws {
        settings = try TrainingSettings(config: run.settings.config)
        let tokens = try TokenSet.open(SagaHome().tokenSet(settings.tokens)).laidOut(as: settings.layout)
        modalities = try settings.modalities(of: tokens)
        configuration = try settings.modelConfiguration(modalities)
        batches = try BatchStream(
            tokens: tokens, masker: settings.masker(modalities, of: tokens, seed: settings.seed),
            batchSize: settings.batchSize, seed: settings.seed)
        evaluator = try Evaluator(tokens: tokens, modalities: modalities, settings: settings)
    }
}
