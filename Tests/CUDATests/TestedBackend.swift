import Tensor
import Testing

@testable import CUDA

/// What the contract of backends is tested on: the GPU's kernels in each order of the emulation, and the machine's first
/// GPU where it has one.
enum TestedBackend: CustomTestStringConvertible, CaseIterable {
    case forward, reverse, random, gpu

    static let emulated: [TestedBackend] = [.forward, .reverse, .random]
    static let allCases = emulated + (card == nil ? [] : [.gpu])
    /// Those that multiply from bfloat16.
    static let rounding = emulated + (card?.hasBFloat16 == true ? [.gpu] : [])

    /// Tests run one after the other.
    nonisolated(unsafe) private static let card = try? GPU(index: 0)

    var testDescription: String { self == .gpu ? "the GPU" : "emulated, \(self)" }

    func make(_ precision: Precision = .float32) -> CUDABackend { CUDABackend(device, precision: precision) }

    private var device: any KernelDevice {
        switch self {
        case .forward: EmulatedDevice(.forward)
        case .reverse: EmulatedDevice(.reverse)
        case .random: EmulatedDevice(.random)
        case .gpu: TestedBackend.card ?? EmulatedDevice(.random)
        }
    }
}
