package import Tensor

/// How far our numbers are from those of a golden directory.
///
/// Each error is the largest difference as a share of the largest expected magnitude, tensor by tensor.
package struct Verification: Encodable, Sendable {
    package let directory: String
    package let logits: Double
    package let gradients: Double
    /// Parameter whose gradient is furthest off.
    package let worstGradient: String
    /// Losses, by modality too, and gradient norms of all steps.
    package let losses: Double
    package let weights: Double
    package let worstWeight: String
    package let steps: Int

    package var largest: Double { max(logits, gradients, losses, weights) }

    /// Computes everything anew. Throws ``TensorError`` or ``TransformerError`` for a directory that cannot be used.
    package init(_ golden: GoldenDirectory, backend: any Backend = CPUBackend()) throws {
        let model = try golden.model(backend: backend)
        let optimizer = AdamWOptimizer(model, settings: golden.optimizer)
        directory = golden.path
        steps = golden.steps.count
        logits = Verification.error(try model.logits(golden.batch(0)), try golden.logits())
        var (gradients, losses) = ((0.0, ""), 0.0)
        for (index, step) in golden.steps.enumerated() {
            let report = try model.forwardBackward(golden.batch(index))
            if index == 0 {
                gradients = try Verification.worst(model, golden.tensors, "step0.grad.") {
                    model.parameters.gradients(of: $0)
                }
            }
            losses = max(losses, Verification.error(report.loss, step.loss))
            for (modality, loss) in zip(model.configuration.modalities, report.modalityLoss) {
                guard let expected = step.modalityLoss[modality.name] else { continue }
                losses = max(losses, Verification.error(loss ?? 0, expected))
            }
            let norm = optimizer.step(learningRate: step.learningRate)
            losses = max(losses, Verification.error(norm, step.gradientNorm))
        }
        (self.gradients, worstGradient) = gradients
        self.losses = losses
        backend.finish()
        try model.checkBackend()
        (weights, worstWeight) = try Verification.worst(model, golden.tensors, "final.") {
            model.parameters.values(of: $0)
        }
    }

    private static func worst(
        _ model: Nano4M, _ tensors: SafeTensors, _ prefix: String,
        _ values: (Parameter) -> UnsafeMutableBufferPointer<Float>
    ) throws -> (Double, String) {
        var worst = (0.0, "")
        for parameter in model.parameters.list {
            let error = error(values(parameter), try tensors.floats(prefix + parameter.name))
            if error > worst.0 { worst = (error, parameter.name) }
        }
        return worst
    }

    private static func error(_ actual: Double, _ expected: Double) -> Double {
        error([Float(actual)], [Float(expected)])
    }

    private static func error(_ actual: some Collection<Float>, _ expected: [Float]) -> Double {
        guard actual.count == expected.count else { return .infinity }
        let scale = expected.reduce(0) { max($0, abs($1)) }
        var largest: Float = 0
        for (value, wanted) in zip(actual, expected) {
            let difference = abs(value - wanted)
            // `max` would let NaN pass.
            guard difference.isFinite else { return .infinity }
            largest = max(largest, difference)
        }
        return largest == 0 ? 0 : Double(largest / max(scale, .leastNormalMagnitude))
    }
}
