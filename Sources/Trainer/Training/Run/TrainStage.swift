package import CUDA
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
        _ run: StageRun, logger: RunLogger, device: ComputeDevice = .cpu, precision: Precision = .float32,
        listeners: [any TrainingListener] = [ProgressPrinter()],
        stopSignal: @escaping () -> Int32? = { StopSignal.pending }
    ) throws -> Int32? {
        let settings = try TrainingSettings(config: run.settings.config)
        let tokens = try TokenSet.open(SagaHome().tokenSet(settings.tokens)).laidOut(as: settings.layout)
        let modalities = try settings.modalities(of: tokens)
        let configuration = try settings.modelConfiguration(modalities)
        let batches = try BatchStream(
            tokens: tokens, masker: settings.masker(modalities, of: tokens, seed: settings.seed),
            batchSize: settings.batchSize, seed: settings.seed)
        let evaluator = try Evaluator(tokens: tokens, modalities: modalities, settings: settings)

        let chosen = try device.open(precision)
        let backend = chosen.backend
        let model = Nano4M(configuration, seed: UInt64(settings.seed), backend: backend)
        model.lossWeights = try settings.lossWeights(modalities)
        try model.checkBackend()
        let checkpoints = TrainingCheckpoints(
            store: CheckpointStore(
                runDirectory: run.directory, kept: settings.options.keepLast, keptBest: settings.options.keepBest),
            configuration: configuration)
        if let source = settings.options.initFrom, checkpoints.isEmpty {
            try InitialWeights.load(source, into: model)
        }
        let state = TrainingState(
            model: model, optimizer: AdamWOptimizer(model, settings: settings.optimizer),
            average: settings.options.emaDecay > 0 ? WeightAverage(model, decay: settings.options.emaDecay) : nil)
        let position = try checkpoints.restore(state) ?? TrainingPosition()
        StageRunner.say(
            """
            run \(run.id), attempt \(run.attempt): \(modalities.map(\.name).joined(separator: "+")), \
            \((Double(model.parameters.count) / 1e6).formatted(2)) M parameters, \
            \(settings.totalTokens) tokens in \(settings.totalSteps) steps, \
            on \(chosen.device): \(chosen.description)
            """)
        logger.log(.summary(["parameters": .int(Int64(model.parameters.count))]))
        let own: [(any TrainingListener)?] = [
            MetricLogger(log: logger.log), CheckpointWriter(checkpoints, of: state, savedStep: position.step),
            EarlyStop(settings.options), FailureRecorder(runDirectory: run.directory),
        ]
        var loop = TrainingLoop(
            state: state, batches: batches, evaluator: evaluator, settings: settings, position: position,
            listeners: own.compactMap { $0 } + listeners, peakFLOPS: MachinePeak.measured(backend),
            stopSignal: stopSignal)
        return try loop.run()
    }
}
