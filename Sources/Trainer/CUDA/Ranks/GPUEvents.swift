import CCUDA
import Tensor

/// Order among the streams of a GPU, and which GPU it is.
struct GPUEvents {
    let functions: CUDAEvents

    init(driver: String = "libcuda.so.1") throws(CUDAError) {
        do {
            functions = try DynamicLibrary(driver).functions(
                CUDAEvents.self, count: Int(CUDAEvents_count), name: CUDAEvents_name)
        } catch let error as DynamicLibrary.MissingSymbols {
            throw CUDAError(
                .driverFailed,
                "the NVIDIA driver lacks \(error.names.joined(separator: ", ")), which several GPUs need; update it to "
                    + "one of CUDA 11.4 or later")
        } catch {
            throw CUDAError(.noDriver, "there is no NVIDIA driver on this machine (\(error)); use --device cpu")
        }
    }

    /// As NVML and `CUDA_VISIBLE_DEVICES` write it; nil where the driver does not tell.
    func uuid(of device: Int32) -> String? {
        var bytes = [UInt8](repeating: 0, count: 16)
        guard functions.cuDeviceGetUuid_v2(&bytes, device) == cuda_success else { return nil }
        return GPUEvents.text(bytes)
    }

    /// GPU-8-4-4-4-12 digits.
    static func text(_ uuid: [UInt8]) -> String {
        let digits = uuid.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        let groups = [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { digits[$0].joined() }
        return "GPU-" + groups.joined(separator: "-")
    }
}

extension GPU {
    /// Nil where the driver does not tell.
    package var uuid: String? { (try? GPUEvents())?.uuid(of: device) }
}
