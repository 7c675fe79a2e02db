import Experiment
import FoundationEssentials
import Tensor
import Testing
import Transformer

@testable import CUDA
@testable import Training

/// Trainings in float16, of which the device decides the scale of the loss.
extension LoopTests {
    @Test(
        "Steps whose gradients overflow are left out and halve the scale, without anyone waiting", arguments: [64, 0])
    func overflow(graphs: Int) throws {
        let device = EmulatedDevice()
        let changes = ["total_tokens": JSONValue.int(480)]
        let tested = try train(
            CUDABackend(device, precision: .float16, graphs: graphs), changes, device: device,
            lossScale: Int32(LossScaler.largest))
        #expect(tested.error == nil && tested.record.steps.count == 20)
        let steps = tested.record.steps
        // 2^24 and some below it are more than float16 holds of this model's gradients.
        let first = steps.prefix { !$0.gradientNorm.isFinite }.count
        #expect(first > 2 && first < 10)
        var scale = LossScaler.largest
        for step in steps {
            #expect(step.lossScale == scale && step.loss.isFinite)
            if !step.gradientNorm.isFinite { scale /= 2 }
        }
        let taken = steps.count { $0.gradientNorm.isFinite }
        #expect(tested.state.optimizer.stepCount == taken)
        #expect(tested.state.model.lossScaler?.scale == scale)
        #expect(Set(tested.record.waits.dropLast()).count == 1)
        #expect((device.graphLaunches > 10) == (graphs > 0), "\(device.graphLaunches)")

        // A training of only those that are left out ends where it began.
        let left = try train(
            CUDABackend(EmulatedDevice(), precision: .float16, graphs: graphs),
            ["total_tokens": .int(Int64(24 * first))], lossScale: Int32(LossScaler.largest))
        let fresh = Nano4M(left.state.model.configuration, seed: 1)
        left.state.model.backend.finish()
        #expect(Array(left.state.model.parameters.values.floats) == Array(fresh.parameters.values.floats))
    }

    @Test("A step that is left out changes nothing, and a checkpoint goes on with the scale and the count of steps")
    func lossScale() throws {
        let tested = try train(CUDABackend(EmulatedDevice(), precision: .float16), ["lr": .double(0.01)])
        let (model, optimizer) = (tested.state.model, tested.state.optimizer)
        // Gradients of this small model do not overflow at 65,536.
        #expect(optimizer.stepCount == 6)
        let scaler = try #require(model.lossScaler)
        model.backend.finish()
        let before = Array(model.parameters.values.floats)
        // As if the backward pass had overflowed, twice.
        model.parameters.gradients.floats[3] = .infinity
        let first = optimizer.startStep(learningRate: 0.01)
        let skipped = optimizer.startStep(learningRate: 0.01).value
        model.backend.finish()
        #expect(skipped.isSkipped && !skipped.hasFailed && skipped.lossScale == 32_768)
        #expect(first.value.isSkipped && first.value.lossScale == 65_536)
        #expect(optimizer.stepCount == 6 && scaler.scale == 16_384 && scaler.goodSteps == 0)
        #expect(Array(model.parameters.values.floats) == before)
        // The next one is taken, whose outcome nobody has asked for when it is saved.
        model.parameters.gradients.floats[3] = 0
        _ = optimizer.startStep(learningRate: 0.01)

        let path = FileManager.default.temporaryDirectory.appending(path: "saga-scale-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try SafeTensors.write(optimizer.checkpointTensors(), metadata: [:], to: path)
        let other = Nano4M(
            model.configuration, seed: 9, backend: CUDABackend(EmulatedDevice(), precision: .float16))
        let resumed = AdamWOptimizer(other)
        try resumed.load(SafeTensors(contentsOf: path))
        #expect(resumed.stepCount == 7)
        #expect(other.lossScaler?.scale == 16_384 && other.lossScaler?.goodSteps == 1)
        // The device goes on from there too: equal weights and gradients become equal weights.
        for (to, from) in [
            (other.parameters.values, model.parameters.values),
            (other.parameters.gradients, model.parameters.gradients),
        ] {
            to.pointer.update(from: from.pointer, count: from.count)
        }
        #expect(optimizer.startStep(learningRate: 0.01).value == resumed.startStep(learningRate: 0.01).value)
        for backend in [model.backend, other.backend] { backend.finish() }
        #expect(Array(other.parameters.values.floats) == Array(model.parameters.values.floats))
        #expect(Array(model.parameters.values.floats) != before)
    }

    @Test(
        "The device follows PyTorch's rule for the scale as the host does, from any state", arguments: [0, 1997, 1999])
    func rule(goodSteps: Int32) throws {
        let backend = CUDABackend(EmulatedDevice())
        let control = StepControl(memory: try #require(backend.memory))
        let gradients = FloatStorage(count: 3, memory: backend.memory)
        let rule = StepRule(clipNorm: 1, learningRate: 0.1, beta1: 0.9, beta2: 0.95, scalesLoss: true)
        for scale: Int32 in [1, 2, 65_536, 8_388_608, 16_777_216] {
            for pattern in ["ooo", "oxo", "xxx", "xooooo"] {
                let scaler = LossScaler()
                #expect(scaler.restore([scale, goodSteps]))
                control.reset(steps: 0, scaler: scaler)
                for step in pattern {
                    gradients.floats[1] = step == "x" ? .nan : 2
                    _ = backend.decideStep(control, gradients: gradients.pointer, count: 3, rule: rule)?.value
                    backend.finish()
                    guard scaler.update(isFinite: step != "x") else { break }
                    #expect(control.lossScale.pointee == scaler.scale, "\(scale), \(pattern)")
                }
            }
        }
    }
}
