package import Tensor

/// An exponential moving average of a model's weights, which often does better than the weights themselves.
package final class WeightAverage {
    /// What stays of the average in each step.
    package let decay: Double
    package let values: FloatStorage
    private let model: Nano4M

    /// Begins at the model's present weights.
    package init(_ model: Nano4M, decay: Double) {
        self.decay = decay
        self.model = model
        values = FloatStorage(count: model.parameters.count, memory: model.backend.memory)
        model.backend.finish()
        values.pointer.update(from: model.parameters.values.pointer, count: values.count)
    }

    /// average = decay * average + (1 - decay) * weights
    package func update() {
        model.backend.blend(
            values.pointer, with: model.parameters.values.pointer, share: Float(1 - decay), count: values.count)
    }

    /// Runs `body` while the model has the averaged weights.
    package func withAveragedWeights<Result>(_ body: () throws -> Result) rethrows -> Result {
        exchange()
        defer { exchange() }
        return try body()
    }

    private func exchange() {
        model.backend.exchange(values.pointer, model.parameters.values.pointer, count: values.count)
    }

    /// A whole model's file with the averaged weights.
    package func checkpointTensors() -> [SafeTensors.Output] { model.checkpointTensors(values: values) }

    package func load(_ checkpoint: SafeTensors) throws { try model.load(checkpoint, into: values) }
}
