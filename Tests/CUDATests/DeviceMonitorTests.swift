import Foundation
import Testing

@testable import CUDA

@Suite("How the run's GPUs are doing")
struct DeviceMonitorTests {
    /// Three cards, one fallen off the bus; the last tells less than the first.
    private static let source = """
        #include <stdio.h>
        static int ids[3] = {0, 1, 2};
        static int shut;
        int nvmlInit_v2(void) { return 0; }
        int nvmlShutdown(void) { shut++; return 0; }
        int nvmlDeviceGetCount_v2(unsigned *count) { *count = 3; return 0; }
        int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device) {
            *device = &ids[index];
            return index == 1 ? 15 : 0;
        }
        int nvmlDeviceGetUUID(void *device, char *text, unsigned length) {
            snprintf(text, length, "GPU-%08x-0203-0405-0607-08090a0b0c0d", *(int *)device);
            return 0;
        }
        int nvmlDeviceGetUtilizationRates(void *device, unsigned *rates) { rates[0] = 87; rates[1] = 40; return 0; }
        int nvmlDeviceGetMemoryInfo(void *device, unsigned long long *memory) {
            memory[0] = 80000; memory[1] = 60000; memory[2] = 20000;
            return 0;
        }
        int nvmlDeviceGetPowerUsage(void *device, unsigned *power) { *power = 350500; return *(int *)device ? 3 : 0; }
        int nvmlDeviceGetEnforcedPowerLimit(void *device, unsigned *power) { *power = 701000; return 0; }
        int nvmlDeviceGetTemperature(void *device, int sensor, unsigned *degrees) { *degrees = 61 + sensor; return 0; }
        int nvmlDeviceGetClockInfo(void *device, int type, unsigned *clock) { *clock = 1000 + type; return 0; }
        """

    @Test("Under W&B's names, its own cards alone, and nothing that a card does not tell")
    func values() throws {
        let fake = try FakeLibrary(DeviceMonitorTests.source)
        defer { fake.remove() }
        let path = fake.path
        let uuids = ["GPU-00000000-0203-0405-0607-08090a0b0c0d", "GPU-00000002-0203-0405-0607-08090a0b0c0d"]
        let first = try #require(DeviceMonitor(uuids: [uuids[0]], library: path))
        #expect(
            first.values() == [
                "system.gpu.0.gpu": 87, "system.gpu.0.memory": 40, "system.gpu.0.memoryAllocated": 25,
                "system.gpu.0.memoryAllocatedBytes": 20_000, "system.gpu.0.powerWatts": 350.5,
                "system.gpu.0.powerPercent": 50, "system.gpu.0.enforcedPowerLimitWatts": 701, "system.gpu.0.temp": 61,
                "system.gpu.0.graphicsClock": 1000, "system.gpu.0.smClock": 1001, "system.gpu.0.memoryClock": 1002,
            ])
        let last = try #require(DeviceMonitor(uuids: [uuids[1]], library: path)).values()
        #expect(last["system.gpu.2.temp"] == 61 && last["system.gpu.2.powerWatts"] == nil, "\(last)")
        #expect(!last.keys.contains { $0.hasPrefix("system.gpu.0.") })
        #expect(DeviceMonitor(uuids: ["GPU-other"], library: path) == nil)
        #expect(DeviceMonitor(uuids: uuids, library: "/nowhere/libnvidia-ml.so.1") == nil)
        #expect(DeviceMonitor(uuids: [], library: path) == nil)
    }

    @Test("A driver's UUID is written as NVML writes it")
    func uuid() {
        #expect(
            GPU.text(ofUUID: [0, 0, 0, 0] + (2...13).map(UInt8.init)) == "GPU-00000000-0203-0405-0607-08090a0b0c0d")
    }
}
