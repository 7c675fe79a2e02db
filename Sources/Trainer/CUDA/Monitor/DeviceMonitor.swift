import CCUDA

/// How GPUs are doing, by NVIDIA's management library where it is installed: under W&B's names, what a card does not
/// tell left out.
package final class DeviceMonitor {
    /// `NVML_DEVICE_UUID_V2_BUFFER_SIZE`
    private static let longestUUID = 96

    private static let success = Int32(nvml_success)

    private let nvml: DynamicLibrary
    /// Cards by the number that the library and `nvidia-smi` give them.
    private let devices: [(index: Int, handle: UnsafeMutableRawPointer)]

    /// Only of the cards with these UUIDs; nil without the library, or where it knows none of them.
    package init?(uuids: [String], library path: String = "libnvidia-ml.so.1") {
        guard !uuids.isEmpty, let nvml = try? DynamicLibrary(path) else { return nil }
        self.nvml = nvml
        var count: UInt32 = 0
        guard let start = nvml.function("nvmlInit_v2", nvmlInit_v2_type.self), start() == DeviceMonitor.success,
            let counting = nvml.function("nvmlDeviceGetCount_v2", nvmlDeviceGetCount_v2_type.self),
            counting(&count) == DeviceMonitor.success,
            let find = nvml.function("nvmlDeviceGetHandleByIndex_v2", nvmlDeviceGetHandleByIndex_v2_type.self),
            let name = nvml.function("nvmlDeviceGetUUID", nvmlDeviceGetUUID_type.self)
        else { return nil }
        devices = (0..<count).compactMap { index in
            var handle: UnsafeMutableRawPointer?
            // A card that has fallen off the bus answers an error.
            guard find(index, &handle) == DeviceMonitor.success, let handle else { return nil }
            var text = [CChar](repeating: 0, count: DeviceMonitor.longestUUID)
            guard name(handle, &text, UInt32(text.count)) == DeviceMonitor.success else { return nil }
            let uuid = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            return uuids.contains(uuid) ? (Int(index), handle) : nil
        }
        if devices.isEmpty { return nil }
    }

    deinit { _ = nvml.function("nvmlShutdown", nvmlShutdown_type.self)?() }

    /// As `system.gpu.0.temp`, now.
    package func values() -> [String: Double] {
        var values: [String: Double] = [:]
        for (index, handle) in devices {
            for (name, value) in readings(handle) { values["system.gpu.\(index).\(name)"] = value }
        }
        return values
    }

    private func readings(_ device: UnsafeMutableRawPointer) -> [String: Double] {
        var values: [String: Double] = [:]
        var use = ManagedUtilization()
        if nvml.function("nvmlDeviceGetUtilizationRates", nvmlDeviceGetUtilizationRates_type.self)?(device, &use)
            == DeviceMonitor.success
        {
            (values["gpu"], values["memory"]) = (Double(use.gpu), Double(use.memory))
        }
        var memory = ManagedMemory()
        if nvml.function("nvmlDeviceGetMemoryInfo", nvmlDeviceGetMemoryInfo_type.self)?(device, &memory)
            == DeviceMonitor.success, memory.total > 0
        {
            values["memoryAllocatedBytes"] = Double(memory.used)
            values["memoryAllocated"] = Double(memory.used) / Double(memory.total) * 100
        }
        let watts = number(device, "nvmlDeviceGetPowerUsage", nvmlDeviceGetPowerUsage_type.self)
        let limit = number(device, "nvmlDeviceGetEnforcedPowerLimit", nvmlDeviceGetEnforcedPowerLimit_type.self)
        values["powerWatts"] = watts.map { $0 / 1000 }
        values["enforcedPowerLimitWatts"] = limit.map { $0 / 1000 }
        if let watts, let limit, limit > 0 { values["powerPercent"] = watts / limit * 100 }
        values["temp"] = number(
            device, "nvmlDeviceGetTemperature", nvmlDeviceGetTemperature_type.self, nvml_temperature_gpu)
        for (name, clock) in [
            ("graphicsClock", nvml_clock_graphics), ("smClock", nvml_clock_sm), ("memoryClock", nvml_clock_memory),
        ] {
            values[name] = number(device, "nvmlDeviceGetClockInfo", nvmlDeviceGetClockInfo_type.self, clock)
        }
        values["fanSpeed"] = number(device, "nvmlDeviceGetFanSpeed", nvmlDeviceGetFanSpeed_type.self)
        return values
    }

    private typealias Reading = @convention(c) (UnsafeMutableRawPointer?, UnsafeMutablePointer<UInt32>) -> Int32

    private typealias KindReading =
        @convention(c) (
            UnsafeMutableRawPointer?, Int32, UnsafeMutablePointer<UInt32>
        ) -> Int32

    private func number(_ device: UnsafeMutableRawPointer, _ name: String, _ type: Reading.Type) -> Double? {
        var value: UInt32 = 0
        guard nvml.function(name, type)?(device, &value) == DeviceMonitor.success else { return nil }
        return Double(value)
    }

    /// Of several that a card has: sensors, clocks.
    private func number(
        _ device: UnsafeMutableRawPointer, _ name: String, _ type: KindReading.Type, _ kind: Int
    ) -> Double? {
        var value: UInt32 = 0
        guard nvml.function(name, type)?(device, Int32(kind), &value) == DeviceMonitor.success else {
            return nil
        }
        return Double(value)
    }
}
