package import Tensor

/// Declarations for those who build on the model; bodies follow.
package final class Nano4M {
    package let configuration: Nano4MConfiguration
    /// Names, values and gradients of all parameters.
    package let parameters: ParameterArena

    package init(_ configuration: Nano4MConfiguration, seed: UInt64) {
        self.configuration = configuration
        parameters = ParameterArena()
    }

    /// Loss of the batch; leaves its gradient in `parameters.gradients`.
    package func forwardBackward(_ batch: PackedBatch) throws(TransformerError) -> LossReport {
        throw TransformerError(.invalidBatch, "unfinished")
    }

    /// Loss of the batch without gradients.
    package func evaluate(_ batch: PackedBatch) throws(TransformerError) -> LossReport {
        throw TransformerError(.invalidBatch, "unfinished")
    }

    /// Logits of every target token, row-major [target tokens, vocabulary]; target token ids are not read.
    package func logits(_ batch: PackedBatch) throws(TransformerError) -> [Float] {
        throw TransformerError(.invalidBatch, "unfinished")
    }

    /// Visits the logits of each target token in order, without ever holding all of them.
    package func forEachLogitRow(
        _ batch: PackedBatch, _ body: (_ row: Int, _ logits: UnsafeBufferPointer<Float>) -> Void
    ) throws(TransformerError) {
        throw TransformerError(.invalidBatch, "unfinished")
    }

    /// The weights under the reference's names, for ``SafeTensors/write(_:metadata:to:)``. They point into the model.
    package func checkpointTensors() -> [SafeTensors.Output] { [] }

    /// Replaces all weights by those of a checkpoint of the same configuration.
    package func load(_ checkpoint: SafeTensors) throws {}
}

/// One tensor of the model.
package struct Parameter: Sendable, Hashable {
    package let name: String
    package let shape: [Int]
    /// Where it starts in the flat arrays of values, gradients and optimizer moments.
    package let offset: Int
    /// False for norms, which weight decay leaves alone.
    package let decays: Bool
    package var count: Int { shape.reduce(1, *) }
}

/// All parameters in one flat array and their gradients in another.
package final class ParameterArena {
    package let list: [Parameter] = []
    package var count: Int { 0 }
}

/// AdamW as PyTorch computes it, with clipping by the global norm.
package final class AdamWOptimizer {
    package struct Settings: Sendable, Hashable {
        package var beta1 = 0.9
        package var beta2 = 0.95
        package var epsilon = 1e-8
        package var weightDecay = 0.05
        /// Gradient norm above which gradients are scaled down; 0 turns clipping off.
        package var clipNorm = 1.0
        package init() {}
    }
    package let settings: Settings
    /// Steps taken so far.
    package var stepCount = 0

    package init(_ parameters: ParameterArena, settings: Settings = Settings()) { self.settings = settings }

    /// Changes the parameters by their gradients; returns the gradient norm before clipping.
    package func step(learningRate: Double) -> Double { 0 }

    /// Both moments and the step count, under names that start with `optimizer.`; they point into the optimizer.
    package func checkpointTensors() -> [SafeTensors.Output] { [] }
    package func load(_ checkpoint: SafeTensors) throws {}
}
