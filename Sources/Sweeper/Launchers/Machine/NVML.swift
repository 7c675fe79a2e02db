import Foundation

/// NVIDIA's management library, where it is installed. Every symbol is optional: what a driver lacks is not told.
struct NVML {
    /// Opaque; a pointer in all versions.
    private typealias Device = UnsafeMutableRawPointer
    private typealias Plain = @convention(c) () -> Int32
    private typealias Count = @convention(c) (UnsafeMutablePointer<UInt32>) -> Int32
    private typealias Handle = @convention(c) (UInt32, UnsafeMutablePointer<Device?>) -> Int32
    private typealias Text = @convention(c) (Device, UnsafeMutablePointer<CChar>, UInt32) -> Int32
    private typealias Memory = @convention(c) (Device, UnsafeMutablePointer<UInt64>) -> Int32

    static let soname = "libnvidia-ml.so.1"

    /// Nil when the library is not there or does not answer.
    static func gpus(library: String = soname) -> [GPU]? {
        guard let handle = dlopen(library, RTLD_NOW | RTLD_LOCAL) else { return nil }
        defer { dlclose(handle) }
        func symbol<Function>(_ names: [String], as type: Function.Type) -> Function? {
            names.lazy.compactMap { dlsym(handle, $0) }.first.map { unsafeBitCast($0, to: type) }
        }
        guard let start = symbol(["nvmlInit_v2", "nvmlInit"], as: Plain.self), start() == 0 else { return nil }
        defer { _ = symbol(["nvmlShutdown"], as: Plain.self)?() }
        var count: UInt32 = 0
        guard let counting = symbol(["nvmlDeviceGetCount_v2", "nvmlDeviceGetCount"], as: Count.self),
            counting(&count) == 0,
            let find = symbol(["nvmlDeviceGetHandleByIndex_v2", "nvmlDeviceGetHandleByIndex"], as: Handle.self)
        else { return nil }
        let name = symbol(["nvmlDeviceGetName"], as: Text.self)
        let uuid = symbol(["nvmlDeviceGetUUID"], as: Text.self)
        let memory = symbol(["nvmlDeviceGetMemoryInfo"], as: Memory.self)
        return (0..<count).compactMap { index in
            var device: Device?
            // A card that has fallen off the bus answers an error: it cannot be used either.
            guard find(index, &device) == 0, let device else { return nil }
            return GPU(
                index: Int(index), uuid: text(uuid, device), name: text(name, device), memory: total(memory, device))
        }
    }

    private static func text(_ function: Text?, _ device: Device) -> String? {
        guard let function else { return nil }
        var buffer = [CChar](repeating: 0, count: 128)
        guard function(device, &buffer, UInt32(buffer.count)) == 0 else { return nil }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static func total(_ function: Memory?, _ device: Device) -> Int64? {
        // `nvmlMemory_t`: total, free, used.
        var values = [UInt64](repeating: 0, count: 3)
        guard let function, function(device, &values) == 0 else { return nil }
        return Int64(clamping: values[0])
    }
}
