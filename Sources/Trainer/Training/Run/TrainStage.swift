import Dataset
import Experiment
import FoundationEssentials
import Tensor
package import TrackerClient
import Transformer

/// `trainer train`: from settings to a trained model.
package enum TrainStage {
    /// Returns the signal that ended the training early, if one did.
    package static func run(
        _ run: StageRun, logger: RunLogger, listeners: [any TrainingListener] = [ProgressPrinter()],
        stopSignal: @escaping () -> Int32? = { StopSignal.pending }
    ) throws -> Int32? {
        let settings = try TrainingSettings(config: run.settings.config)
        let tokens = try TokenSet.open(SagaHome().tokenSet(settings.tokens))
        let modalities = try settings.modalities(of: tokens)
        let configuration = try settings.modelConfiguration(modalities)
        let batches = try BatchStream(
            tokens: tokens, masker: settings.masker(modalities, seed: settings.seed), batchSize: settings.batchSize,
            seed: settings.seed)
        let evaluator = try Evaluator(tokens: tokens, modalities: modalities, settings: settings)

        let backend = CPUBackend()
        let model = Nano4M(configuration, seed: UInt64(settings.seed), backend: backend)
        let optimizer = AdamWOptimizer(model, settings: settings.optimizer)
        let checkpoints = TrainingCheckpoints(
            store: CheckpointStore(runDirectory: run.directory), configuration: configuration)
        let position = try checkpoints.restore(model, optimizer) ?? TrainingPosition()
        StageRunner.say(
            """
            run \(run.id), attempt \(run.attempt): \(modalities.map(\.name).joined(separator: "+")), \
            \((Double(model.parameters.count) / 1e6).formatted(2)) M parameters, \
            \(settings.totalTokens) tokens in \(settings.totalSteps) steps, \
            \(backend.threads) threads, products by \(backend.products.rawValue), kernels \(backend.kernelName)
            """)
        logger.log(.summary(["parameters": .int(Int64(model.parameters.count))]))
        var loop = TrainingLoop(
            model: model, optimizer: optimizer, batches: batches, evaluator: evaluator, checkpoints: checkpoints,
            settings: settings, position: position,
            listeners: [MetricLogger(log: logger.log)] + listeners, stopSignal: stopSignal)
        return try loop.run()
    }
}
