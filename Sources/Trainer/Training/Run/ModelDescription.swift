import Dataset
package import Experiment
import Tensor
package import Transformer

/// What a model costs and what it would be computed with, for people and programs.
package struct ModelDescription: Encodable, Sendable {
    package struct Part: Encodable, Sendable {
        package let part: String
        package let parameters: Int
    }

    /// Bytes, all of them float32.
    package struct Memory: Encodable, Sendable {
        package let weights: Int
        package let gradients: Int
        package let moments: Int
        /// Averaged weights, where they are kept.
        package let average: Int
        /// What the backward pass needs of one part of the batch, every slot used.
        package let activations: Int

        package var total: Int { weights + gradients + moments + average + activations }
    }

    package struct Machine: Encodable, Sendable {
        /// The instruction set of the kernels, which compute matrix products too.
        package let kernels: String
        package let threads: Int
    }

    package let modalities: [String]
    package let parameters: Int
    package let parts: [Part]
    package let memory: Memory
    package let memoryTotal: Int
    package let batchSize: Int
    /// Of one step with every slot used, and with counts uniform in the settings' ranges.
    package let flopPerStep: Double
    package let flopPerStepExpected: Double
    package let machine: Machine

    /// Of a run's config; its token set says what the modalities are.
    package init(_ config: [String: JSONValue], batchSize: Int? = nil) throws {
        try RunSettings.check(config: config)
        var settings = try TrainingSettings(config: config)
        settings.batchSize = batchSize ?? settings.batchSize
        let tokens = try TokenSet.open(SagaHome().tokenSet(settings.tokens))
        try self.init(settings.modelConfiguration(settings.modalities(of: tokens)), settings)
    }

    package init(_ model: Nano4MConfiguration, _ settings: TrainingSettings) {
        let cost = ModelCost(model)
        let (inputs, targets) = (settings.inputTokensRange, settings.targetTokensRange)
        modalities = model.modalities.map(\.name)
        parts = cost.parameters.map { Part(part: $0.part, parameters: $0.count) }
        parameters = parts.reduce(0) { $0 + $1.parameters }
        batchSize = settings.batchSize
        let samples = max(1, settings.batchSize / settings.options.gradientAccumulation)
        memory = Memory(
            weights: 4 * parameters, gradients: 4 * parameters, moments: 8 * parameters,
            average: settings.options.emaDecay > 0 ? 4 * parameters : 0,
            activations: cost.activationBytes(
                inputTokens: samples * inputs.upperBound, targetTokens: samples * targets.upperBound))
        memoryTotal = memory.total
        let full = [(input: inputs.upperBound, target: targets.upperBound)]
        flopPerStep = Double(batchSize) * cost.trainingFLOP(lengths: full)
        flopPerStepExpected = Double(batchSize) * ModelDescription.expected(cost, inputs, targets)
        machine = Machine(
            kernels: CPUBackend.bestKernelName, threads: CPUBackend.defaultThreads)
    }

    /// The mean over both ranges, which are independent: no product of more than one power of each count comes in.
    private static func expected(
        _ cost: ModelCost, _ inputs: ClosedRange<Int>, _ targets: ClosedRange<Int>
    ) -> Double {
        func mean(_ range: ClosedRange<Int>, _ lengths: (Int) -> (input: Int, target: Int)) -> Double {
            cost.trainingFLOP(lengths: range.map(lengths)) / Double(range.count)
        }
        func middle(_ range: ClosedRange<Int>) -> Double { Double(range.lowerBound + range.upperBound) / 2 }
        let alone = mean(inputs) { ($0, 0) } + mean(targets) { (0, $0) }
        let cross =
            cost.trainingFLOP(lengths: [(1, 1)]) - cost.trainingFLOP(lengths: [(1, 0)])
            - cost.trainingFLOP(lengths: [(0, 1)])
        return alone + cross * middle(inputs) * middle(targets)
    }
}
