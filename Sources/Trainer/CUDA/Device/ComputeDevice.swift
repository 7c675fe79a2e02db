import FoundationEssentials
package import Tensor

/// Where to compute: what `--device` is given.
package enum ComputeDevice: Hashable, Sendable {
    case cpu
    /// The GPU with this index among those visible.
    case cuda(Int)
    /// The first GPU if one can be used, else the CPU.
    case automatic

    /// Of cpu, cuda, cuda:N or auto; nil for anything else.
    package init?(_ text: String) {
        switch text {
        case "cpu": self = .cpu
        case "cuda": self = .cuda(0)
        case "auto": self = .automatic
        default:
            guard text.hasPrefix("cuda:"), let index = Int(text.dropFirst(5)), index >= 0, index < 1024 else {
                return nil
            }
            self = .cuda(index)
        }
    }

    package var text: String {
        switch self {
        case .cpu: "cpu"
        case .cuda(let index): "cuda:\(index)"
        case .automatic: "auto"
        }
    }

    /// A backend, and what to tell the person about it.
    package struct Chosen {
        package let backend: any Backend
        /// As "cpu" or "cuda:0".
        package let device: String
        /// Of the processor or card, for a run's first line.
        package let description: String
    }

    /// Throws ``CUDAError`` where a GPU was asked for and cannot be used; with `auto` that is told in the description.
    ///
    /// `precision` is a GPU's: the CPU computes in float32 and says so to who asks for another.
    package func open(
        _ precision: Precision = .float32,
        gpu: (Int, Precision) throws -> (any KernelDevice, name: String) = ComputeDevice.gpu
    ) throws -> Chosen {
        switch self {
        case .cpu:
            guard precision == .float32 else {
                throw CUDAError(
                    .invalidDevice,
                    "the CPU computes in float32; leave out --precision \(precision.rawValue), or use --device cuda")
            }
            return ComputeDevice.host("")
        case .cuda(let index):
            let (device, name) = try gpu(index, precision)
            return Chosen(
                backend: CUDABackend(
                    device, precision: precision, graphs: try CUDABackend.graphs(ProcessInfo.processInfo.environment)),
                device: "cuda:\(index)",
                description: "\(name), \(precision.rawValue)")
        case .automatic:
            do {
                return try ComputeDevice.cuda(0).open(precision, gpu: gpu)
            } catch {
                return ComputeDevice.host(" (no GPU: \(error))")
            }
        }
    }

    private static func host(_ reason: String) -> Chosen {
        let backend = CPUBackend()
        return Chosen(
            backend: backend, device: "cpu",
            description: "\(backend.threads) threads, kernels \(backend.kernelName)\(reason)")
    }

    package static func gpu(_ index: Int, _ precision: Precision) throws -> (any KernelDevice, name: String) {
        let gpu = try GPU(index: index)
        guard ![.bfloat16, .tf32].contains(precision) || gpu.hasBFloat16 else {
            throw CUDAError(
                .unsuitableDevice,
                "GPU \(index) (\(gpu.name)) has no \(precision.rawValue), which needs an Ampere card or later; use "
                    + "--precision float16, or float32")
        }
        return (gpu, "\(gpu.name), CUDA \(gpu.driver.versionText)")
    }
}
