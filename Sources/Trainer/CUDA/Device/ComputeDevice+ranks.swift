package import Tensor

extension ComputeDevice {
    /// Where one of several processes on this machine computes, `local` being its number among them: each takes a GPU of
    /// its own, unless it is shown only one, as Slurm does. `visible` counts the GPUs.
    package func ofRank(_ local: Int, visible: () throws -> Int = ComputeDevice.visibleGPUs) throws -> ComputeDevice {
        switch self {
        case .cpu: return .cpu
        case .cuda(let index) where index > 0:
            throw CUDAError(
                .invalidDevice,
                "each of several ranks takes a GPU of its own; say --device cuda, and choose by CUDA_VISIBLE_DEVICES")
        case .cuda:
            let count = try visible()
            guard count != 1 else { return .cuda(0) }
            guard local < count else {
                throw CUDAError(
                    .noDevice,
                    "rank \(local) of this machine has no GPU, as \(count) \(count == 1 ? "is" : "are") visible; start "
                        + "\(max(1, count)) ranks, or look at CUDA_VISIBLE_DEVICES and 'nvidia-smi'")
            }
            return .cuda(local)
        case .automatic:
            // All ranks decide alike, as their kinds are compared; the reason why there is none is told on opening.
            return (try? ComputeDevice.cuda(0).ofRank(local, visible: visible)) ?? .automatic
        }
    }

    package static func visibleGPUs() throws -> Int { try GPUDriver().deviceCount() }
}

extension ComputeDevice.Chosen {
    private var gpu: GPU? { (backend as? CUDABackend)?.device.device as? GPU }

    /// What has to be the same where results have to be.
    package var kind: String {
        guard let backend = backend as? CPUBackend else { return description }
        return "processors with kernels \(backend.kernelName)"
    }

    /// Bytes of the card that nobody has taken; nil for processors.
    package var freeMemory: Int? { gpu?.memory.free }

    /// Tells cards apart; nil for processors.
    package var card: String? { gpu?.uuid }

    /// How ranks on this device add up: NVIDIA's GPUs among themselves, processors by way of `host`. `stop` ends what
    /// waits for a rank that is lost.
    package func communicator(
        _ host: any Communicator
    ) throws -> (communicator: any Communicator, stop: (@Sendable () -> Void)?) {
        guard let gpu, host.ranks > 1 else { return (host, nil) }
        let communicator = try NCCLCommunicator(host, gpu)
        return (communicator, { communicator.abort() })
    }
}
