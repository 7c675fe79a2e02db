import Experiment
import Tensor
import Testing

@testable import CUDA
@testable import Training

/// A rank of a training whose sums are a device's work like any other.
extension LoopTests {
    @Test(
        "Steps of several ranks wait for nothing either, and are a graph from each sum to the next",
        arguments: [Precision.float32, .float16])
    func ranks(precision: Precision) throws {
        let changes: [String: JSONValue] = ["batch_size": .int(4), "grad_accum": .int(2), "total_tokens": .int(720)]
        func train(_ device: EmulatedDevice, graphs: Int, waits: Bool) throws -> Training {
            try self.train(
                CUDABackend(device, precision: precision, graphs: graphs), changes, device: device,
                communicator: EmulatedCommunicator(device, waits: waits))
        }
        let device = EmulatedDevice()
        let tested = try train(device, graphs: 2, waits: false)
        let plain = try train(EmulatedDevice(), graphs: 0, waits: true)
        #expect(tested.error == nil && tested.record.steps.count == 15)
        #expect(Set(tested.record.waits.dropLast()).count == 1 && Set(plain.record.waits).count > 5)
        expectEqual(tested, plain)
        // Between the sums there are six pieces of work, some of which differ where a batch has more different tokens.
        #expect(device.graphsMade < 20 && device.graphLaunches > 45, "\(device.graphsMade), \(device.graphLaunches)")
    }
}
