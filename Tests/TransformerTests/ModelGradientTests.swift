import Tensor
import Testing

@testable import Transformer

/// The whole model's gradient, residual paths and embeddings included, against central differences of its loss.
@Suite("Gradients of the whole model")
struct ModelGradientTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        var perModality = true
        var lossWeights: [Double]?
        var microBatches = 1
        var options: @Sendable (inout Nano4MOptions) -> Void = { _ in }
    }

    static let cases = [
        Case(testDescription: "the reference's"),
        Case(testDescription: "mean over tokens", perModality: false),
        Case(testDescription: "weights of losses", lossWeights: [0.7, 0.1, 0.2]),
        Case(testDescription: "in parts", microBatches: 3),
        Case(testDescription: "biases", options: { $0.useBias = true }),
        Case(testDescription: "separate vocabularies", options: { $0.overlapVocabularies = false }),
        Case(testDescription: "separate positions", options: { $0.overlapPositions = false }),
        Case(testDescription: "SwiGLU", options: { $0.feedForward = .swiglu }),
        Case(testDescription: "rotary positions", options: { $0.rotary = true }),
        Case(testDescription: "z-loss", options: { $0.zLoss = 0.05 }),
        Case(
            testDescription: "everything", perModality: false, microBatches: 2,
            options: {
                $0.useBias = true
                $0.overlapVocabularies = false
                $0.overlapPositions = false
                $0.feedForward = .swiglu
                $0.rotary = true
                $0.zLoss = 0.05
            }),
    ]

    @Test("Every parameter's gradient is the slope of the loss along random directions", arguments: cases)
    func directions(_ test: Case) throws {
        var options = Nano4MOptions()
        test.options(&options)
        let configuration = try Nano4MConfiguration(
            modalities: try smallModel().configuration.modalities, dim: 8, encoderDepth: 1, decoderDepth: 2, headDim: 4,
            mlpRatio: 2, perModalityLossAverage: test.perModality, options: options)
        let model = Nano4M(configuration, seed: 2, backend: CPUBackend(threads: 1))
        var random = Xoshiro256(seed: 5)
        for index in model.parameters.values.floats.indices {
            model.parameters.values.floats[index] += Float(0.3 * random.normal())
        }
        model.lossWeights = test.lossWeights
        let batch = PackedBatch(
            samples: [(5, 6), (9, 4), (2, 12), (0, 3), (4, 0)].enumerated().map {
                sample(model, inputs: $1.0, targets: $1.1, seed: UInt64($0))
            })
        _ = try model.forwardBackward(batch, microBatches: test.microBatches)
        let gradients = Array(model.parameters.gradients.floats)
        for parameter in model.parameters.list {
            let own = Array(gradients[parameter.range])
            let norm = own.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            #expect(norm > 0, "\(parameter.name) has no gradient")
            for _ in 0..<2 {
                let direction = own.map { _ in Float(random.normal()) / Float(own.count).squareRoot() }
                let expected = zip(own, direction).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
                let slope = try slope(model, batch, parameter, direction)
                #expect(
                    abs(slope - expected) < 2e-3 * norm + 2e-5,
                    "\(parameter.name): \(slope), not \(expected), of \(norm)")
            }
        }
    }

    /// Richardson's extrapolation of two central differences: errors of the fourth order in the step.
    private func slope(
        _ model: Nano4M, _ batch: PackedBatch, _ parameter: Parameter, _ direction: [Float]
    ) throws -> Double {
        let start = Array(model.parameters.values.floats[parameter.range])
        func loss(_ step: Float) throws -> Double {
            for (index, value) in start.enumerated() {
                model.parameters.values.floats[parameter.range.lowerBound + index] = value + step * direction[index]
            }
            return try model.evaluate(batch).loss
        }
        func difference(_ step: Float) throws -> Double { try (loss(step) - loss(-step)) / Double(2 * step) }
        defer {
            for (index, value) in start.enumerated() {
                model.parameters.values.floats[parameter.range.lowerBound + index] = value
            }
        }
        return try (4 * difference(0.02) - difference(0.04)) / 3
    }
}
