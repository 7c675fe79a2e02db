import Experiment
import Tensor
import Testing
import Transformer

@testable import CUDA
@testable import Training

/// Trainings whose steps are graphs beside the same ones without.
extension LoopTests {
    /// Every option that a step's work depends on.
    static let everything: [String: JSONValue] = [
        "rope": .bool(true), "use_bias": .bool(true), "z_loss": .double(0.001), "optimizer": .string("muon"),
        "ema_decay": .double(0.9), "grad_accum": .int(2), "batch_size": .int(4), "total_tokens": .int(480),
    ]

    @Test(
        "Steps as graphs compute bit by bit what they do without",
        arguments: [Precision.float32, .bfloat16, .float16], [[:], everything])
    func graphs(precision: Precision, config: [String: JSONValue]) throws {
        let device = EmulatedDevice()
        let changes = ["total_tokens": JSONValue.int(240)].merging(config) { $1 }
        let tested = try train(CUDABackend(device, precision: precision), changes, device: device)
        let plain = try train(CUDABackend(EmulatedDevice(), precision: precision, graphs: 0), changes)
        #expect(tested.error == nil && tested.record.steps.count == 10)
        expectEqual(tested, plain)
        // All have one shape, and the first ones find out how much memory a step needs.
        #expect(device.graphsMade <= 2 && device.graphLaunches >= 5, "\(device.graphsMade), \(device.graphLaunches)")
    }

    @Test("Batches of other shapes have graphs of their own, as many as are kept", arguments: [64, 2, 0])
    func shapes(kept: Int) throws {
        let changes: [String: JSONValue] = [
            "batch_size": .int(5), "input_tokens_range": .array([.int(1), .int(12)]),
            "target_tokens_range": .array([.int(1), .int(12)]), "total_tokens": .int(1680),
        ]
        let device = EmulatedDevice()
        let tested = try train(CUDABackend(device, graphs: kept), changes, device: device)
        let plain = try train(CUDABackend(EmulatedDevice(), graphs: 0), changes)
        expectEqual(tested, plain)
        #expect(device.graphsKept <= kept)
        let counts = "\(device.graphsMade) graphs for \(device.graphLaunches) of \(tested.record.steps.count) steps"
        #expect(kept == 0 ? device.graphsMade == 0 : device.graphsMade > 1, "\(counts)")
        #expect(kept < 64 || device.graphLaunches > 3, "\(counts)")
    }

    @Test("A device without graphs is asked for one piece of work after the other")
    func refused() throws {
        let device = EmulatedDevice(makesGraphs: false)
        let tested = try train(CUDABackend(device), ["total_tokens": .int(240)])
        let plain = try train(CUDABackend(EmulatedDevice(), graphs: 0), ["total_tokens": .int(240)])
        expectEqual(tested, plain)
        #expect(device.graphLaunches == 0)
    }

    func expectEqual(_ tested: Training, _ plain: Training) {
        #expect(tested.record.steps.map(\.numbers) == plain.record.steps.map(\.numbers))
        for training in [tested, plain] { training.state.model.backend.finish() }
        let (own, other) = (tested.state.model.parameters.values, plain.state.model.parameters.values)
        #expect(own.floats.map(\.bitPattern) == other.floats.map(\.bitPattern))
    }
}

extension TrainingEvent.Step {
    /// All but its duration.
    fileprivate var numbers: [Double] { [Double(step), loss, learningRate, gradientNorm, Double(lossScale ?? 0)] }
}
