package import CUDA
import Dataset
import Experiment
import Ranks
import Tensor
package import TrackerClient
import Transformer

/// `trainer train`: from settings to a trained model.
package enum TrainStage {
    /// Returns the signal that ended the training early, if one did.
    ///
    /// With a `seat`, this process is one of several that train together; one without a `logger` keeps no record.
    package static func run(
        _ run: StageRun, logger: RunLogger?, device: ComputeDevice = .cpu, precision: Precision = .float32,
        seat: RankSeat? = nil, listeners: [any TrainingListener] = [ProgressPrinter()],
        stopSignal: @escaping () -> Int32? = { StopSignal.pending }
    ) throws -> Int32? {
        let plan = try TrainingPlan(run)
        let chosen = try (seat.map { try device.ofRank($0.localRank) } ?? device).open(precision)
        let free = chosen.freeMemory ?? 0
        do {
            var loop = try loop(run, logger, plan, chosen, seat, listeners, stopSignal)
            let cards = (seat?.cards ?? []) + [chosen.card].compactMap { $0 }
            let system = logger.flatMap { logger in SystemLogger(uuids: cards) { logger.log($0) } }
            defer { system?.stop() }
            return try loop.run()
        } catch  where chosen.backend.failure?.kind == .outOfDeviceMemory {
            let advice = MemoryAdvice(plan.configuration, plan.settings, ranks: seat?.group.ranks ?? 1)
            throw TensorError(
                .outOfDeviceMemory, advice.sentence(device: "\(chosen.device) (\(chosen.description))", free: free))
        }
    }

    private static func loop(
        _ run: StageRun, _ logger: RunLogger?, _ plan: TrainingPlan, _ chosen: ComputeDevice.Chosen, _ seat: RankSeat?,
        _ listeners: [any TrainingListener], _ stopSignal: @escaping () -> Int32?
    ) throws -> TrainingLoop {
        let (settings, configuration) = (plan.settings, plan.configuration)
        let model = Nano4M(configuration, seed: UInt64(settings.seed), backend: chosen.backend)
        model.lossWeights = try settings.lossWeights(plan.modalities)
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
        let communicator = try seat?.communicator(chosen, run, step: position.step) ?? SoloCommunicator()
        var all: [any TrainingListener] = []
        if let logger {
            describe(run, plan, model, chosen, communicator, to: logger)
            all += [MetricLogger(log: logger.log), CheckpointWriter(checkpoints, of: state, savedStep: position.step)]
        }
        if let stop = EarlyStop(settings.options) { all.append(stop) }
        if logger != nil { all += [FailureRecorder(runDirectory: run.directory)] + listeners }
        let peak = logger == nil ? nil : Double(communicator.ranks) * MachinePeak.measured(chosen.backend)
        return TrainingLoop(
            state: state, batches: plan.batches, evaluator: plan.evaluator, settings: settings, position: position,
            listeners: all, peakFLOPS: peak, communicator: communicator, stopSignal: stopSignal)
    }

    private static func describe(
        _ run: StageRun, _ plan: TrainingPlan, _ model: Nano4M, _ chosen: ComputeDevice.Chosen,
        _ communicator: any Communicator, to logger: RunLogger
    ) {
        StageRunner.say(
            """
            run \(run.id), attempt \(run.attempt): \(plan.modalities.map(\.name).joined(separator: "+")), \
            \((Double(model.parameters.count) / 1e6).formatted(2)) M parameters, \
            \(plan.settings.totalTokens) tokens in \(plan.settings.totalSteps) steps, \
            on \(communicator.ranks > 1 ? "\(communicator.ranks) ranks, each " : "")\(chosen.device): \
            \(chosen.description)
            """)
        var summary: [String: JSONValue] = ["parameters": .int(Int64(model.parameters.count))]
        if communicator.ranks > 1 { summary["ranks"] = .int(Int64(communicator.ranks)) }
        logger.log(.summary(summary))
    }
}
