import CCUDA

/// The CUDA driver of this machine.
final class GPUDriver {
    let symbols: DynamicLibrary
    let functions: CUDADriver
    /// The CUDA version that it knows: 12080 is 12.8.
    let version: Int

    /// CUDA's oldest driver that the kernels are built for.
    private static let oldest = 11_000

    /// `name` is the driver's library; another is for tests.
    init(name: String = "libcuda.so.1") throws(CUDAError) {
        do throws(DynamicLibrary.Failure) {
            symbols = try DynamicLibrary(name)
        } catch {
            throw CUDAError(
                .noDriver,
                "there is no NVIDIA driver on this machine (\(error.message)); use --device cpu, or auto, which takes "
                    + "a GPU where there is one")
        }
        do throws(DynamicLibrary.MissingSymbols) {
            functions = try symbols.functions(
                CUDADriver.self, count: Int(CUDADriver_count), name: CUDADriver_name)
        } catch {
            throw CUDAError(
                .driverFailed, "the NVIDIA driver lacks \(error.names.joined(separator: ", ")); update it")
        }
        let status = functions.cuInit(0)
        guard status == cuda_success else {
            if status == cuda_error_no_device { throw GPUDriver.noDevice(0, count: 0) }
            throw CUDAError(
                .driverFailed,
                "the NVIDIA driver does not start: \(GPUDriver.text(of: status, functions)); see 'nvidia-smi'")
        }
        var version: Int32 = 0
        _ = functions.cuDriverGetVersion(&version)
        self.version = Int(version)
        guard version >= GPUDriver.oldest else {
            throw CUDAError(
                .driverFailed, "the NVIDIA driver knows CUDA \(versionText); update it to one of CUDA 11 or later")
        }
    }

    var versionText: String { "\(version / 1000).\(version % 1000 / 10)" }

    func deviceCount() throws(CUDAError) -> Int {
        var count: Int32 = 0
        try check(functions.cuDeviceGetCount(&count), "count the GPUs")
        return Int(count)
    }

    func device(_ index: Int) throws(CUDAError) -> Int32 {
        let count = try deviceCount()
        guard index >= 0, index < count else { throw GPUDriver.noDevice(index, count: count) }
        var device: Int32 = 0
        try check(functions.cuDeviceGet(&device, Int32(index)), "find GPU \(index)")
        return device
    }

    private static func noDevice(_ index: Int, count: Int) -> CUDAError {
        let there = count == 0 ? "no GPU is visible" : "there \(count == 1 ? "is" : "are") \(count), from 0 on"
        return CUDAError(
            .noDevice, "there is no GPU \(index): \(there); look at CUDA_VISIBLE_DEVICES and 'nvidia-smi'")
    }

    func name(_ device: Int32) throws(CUDAError) -> String {
        var name = [CChar](repeating: 0, count: 256)
        try check(functions.cuDeviceGetName(&name, Int32(name.count), device), "name the GPU")
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func attribute(_ attribute: Int, of device: Int32) throws(CUDAError) -> Int {
        var value: Int32 = 0
        try check(functions.cuDeviceGetAttribute(&value, Int32(attribute), device), "describe the GPU")
        return Int(value)
    }

    func check(_ status: Int32, _ doing: String) throws(CUDAError) {
        guard status != cuda_success else { return }
        throw CUDAError(.driverFailed, "the NVIDIA driver could not \(doing): \(text(of: status)); see 'nvidia-smi'")
    }

    func text(of status: Int32) -> String { GPUDriver.text(of: status, functions) }

    private static func text(of status: Int32, _ functions: CUDADriver) -> String {
        var (name, text): (UnsafePointer<CChar>?, UnsafePointer<CChar>?)
        _ = functions.cuGetErrorName(status, &name)
        _ = functions.cuGetErrorString(status, &text)
        return "\(name.map { String(cString: $0) } ?? "error \(status)"), "
            + (text.map { String(cString: $0) } ?? "which it does not explain")
    }
}
