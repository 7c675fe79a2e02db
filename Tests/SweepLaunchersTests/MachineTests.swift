import Foundation
import SweepLaunchers
import Testing

@Suite("What a machine has")
struct MachineTests {
    private static func folder() throws -> String {
        let path = FileManager.default.temporaryDirectory.path + "/saga-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    private static func write(_ text: String, _ path: String) throws {
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    /// Compiles a library in NVML's place.
    private static func compiled(_ source: String, in folder: String) throws -> String {
        try write(source, folder + "/nvml.c")
        let compiler = Process()
        compiler.executableURL = URL(filePath: "/usr/bin/cc")
        compiler.arguments = ["-shared", "-fPIC", "-o", folder + "/libnvml.so", folder + "/nvml.c"]
        try compiler.run()
        compiler.waitUntilExit()
        try #require(compiler.terminationStatus == 0)
        return folder + "/libnvml.so"
    }

    private static let nvml = """
        #include <stdio.h>
        #include <string.h>
        typedef struct { unsigned long long total, free, used; } memory_t;
        static int ids[3] = {0, 1, 2};
        int nvmlInit_v2(void) { return 0; }
        int nvmlShutdown(void) { return 0; }
        int nvmlDeviceGetCount_v2(unsigned *count) { *count = 3; return 0; }
        int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device) {
            if (index == 1) return 15; /* fallen off the bus */
            *device = &ids[index];
            return 0;
        }
        int nvmlDeviceGetUUID(void *device, char *text, unsigned length) {
            snprintf(text, length, "GPU-%d0000000-aaaa", *(int *)device);
            return 0;
        }
        int nvmlDeviceGetMemoryInfo(void *device, memory_t *memory) {
            memory->total = 1000000000ull * (*(int *)device + 24);
            memory->free = memory->used = 7;
            return *(int *)device == 2 ? 3 : 0; /* not supported */
        }
        """

    @Test("NVML tells of the GPUs; what it lacks or refuses is left out, and CUDA_VISIBLE_DEVICES is respected")
    func nvml() throws {
        let folder = try MachineTests.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let library = try MachineTests.compiled(MachineTests.nvml, in: folder)
        let all = [
            GPU(index: 0, uuid: "GPU-00000000-aaaa", memory: 24_000_000_000), GPU(index: 2, uuid: "GPU-20000000-aaaa"),
        ]
        #expect(Machine(environment: [:], library: library).gpus == all)
        let hidden = Machine(environment: ["CUDA_VISIBLE_DEVICES": "2"], library: library)
        #expect(hidden.gpus == [all[1]] && hidden.cores > 0 && hidden.memory > 1 << 20)
        #expect(Machine(environment: ["CUDA_VISIBLE_DEVICES": ""], library: library).gpus.isEmpty)
    }

    @Test("A library that answers nothing, and none: the driver's files are read instead")
    func withoutNVML() throws {
        let folder = try MachineTests.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let broken = try MachineTests.compiled("int nvmlInit_v2(void) { return 9; }", in: folder)
        let root = folder + "/root"
        #expect(Machine(environment: [:], library: folder + "/none.so", root: root).gpus.isEmpty)
        for name in ["nvidia1", "nvidia0", "nvidiactl", "nvidia-uvm", "null"] {
            try MachineTests.write("", "\(root)/dev/\(name)")
        }
        #expect(Machine(environment: [:], library: broken, root: root).gpus == [GPU(index: 0), GPU(index: 1)])
        try MachineTests.write(
            "Model: \t\t NVIDIA H100\nGPU UUID: \t GPU-7\n", "\(root)/proc/driver/nvidia/gpus/0000:01:00.0/information")
        #expect(
            Machine(environment: [:], library: broken, root: root).gpus
                == [GPU(index: 0, uuid: "GPU-7", name: "NVIDIA H100")])
    }

    @Test(
        "CUDA_VISIBLE_DEVICES as CUDA reads it",
        arguments: [
            (nil, ["0", "1", "2"]), ("", []), ("-1", []), ("1", ["1"]), ("2,0", ["2", "0"]), ("0,-1,1", ["0"]),
            ("0,7,1", ["0"]), (" 1 , 2 ", ["1", "2"]), ("GPU-b", ["GPU-b"]), ("1,GPU-b,0", ["1"]), ("x", []),
            ("MIG-1,MIG-2", ["MIG-1", "MIG-2"]),
        ] as [(String?, [String])])
    func visible(variable: String?, names: [String]) {
        let gpus = ["GPU-a", "GPU-b", "GPU-c"].enumerated().map { GPU(index: $0, uuid: $1) }
        #expect(GPU.visible(gpus, variable: variable).map(\.visibleName) == names)
    }

    @Test("--gpus takes some; one that is not there is refused with those that are")
    func restricted() throws {
        let machine = Machine(gpus: [GPU(index: 0), GPU(index: 3)], cores: 1, memory: 1)
        #expect(try machine.restricted(toGPUs: [3]).gpus == [GPU(index: 3)])
        let error = #expect(throws: LauncherError.self) { try machine.restricted(toGPUs: [0, 1]) }
        #expect(error?.description == "this machine has no GPU 1; it has 0, 3: choose among them with --gpus")
    }

    @Test("The kernel's kills for want of memory are counted in the control group, else on the whole machine")
    func memoryKills() throws {
        let root = try MachineTests.folder()
        defer { try? FileManager.default.removeItem(atPath: root) }
        #expect(MemoryKills.count(root: root) == nil)
        try MachineTests.write("nr_free 1\noom_kill 4\n", root + "/proc/vmstat")
        #expect(MemoryKills.count(root: root) == 4)
        try MachineTests.write("9:cpu:/x\n0::/job/7\n", root + "/proc/self/cgroup")
        #expect(MemoryKills.count(root: root) == 4)
        try MachineTests.write("low 0\noom 3\noom_kill 2\n", root + "/sys/fs/cgroup/job/7/memory.events")
        #expect(MemoryKills.count(root: root) == 2)
        try MachineTests.write("4:memory,hugetlb:/old\n", root + "/proc/self/cgroup")
        try MachineTests.write("under_oom 0\noom_kill 1\n", root + "/sys/fs/cgroup/memory/old/memory.oom_control")
        #expect(MemoryKills.count(root: root) == 1)
    }
}
