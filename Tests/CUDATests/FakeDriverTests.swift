import CCUDA
import Foundation
import Tensor
import Testing

@testable import CUDA

/// What drivers may say no to, by libraries in the place of NVIDIA's.
@Suite("Machines on which a GPU cannot be used")
struct FakeDriverTests {
    /// A driver of CUDA 12.4 with two H100s, but for what `overrides` change, by function.
    private static func driver(_ overrides: [String: String] = [:]) -> String {
        let usual = [
            "cuDriverGetVersion": "(int *version) { *version = 12040; return 0; }",
            "cuDeviceGetCount": "(int *count) { *count = 2; return 0; }",
            "cuDeviceGetName": #"(char *name, int length, int device) { strcpy(name, "Fake H100"); return 0; }"#,
            "cuDeviceGetAttribute":
                "(int *value, int attribute, int device) { *value = attribute == 75 ? 9 : attribute == 89; return 0; }",
            "cuMemGetInfo_v2":
                "(unsigned long *room, unsigned long *total) { *room = 3ul << 20; *total = 8ul << 20; return 0; }",
            "cuGetErrorName": #"(int result, const char **name) { *name = "CUDA_ERROR_FAKE"; return 0; }"#,
            "cuGetErrorString": #"(int result, const char **text) { *text = "as asked"; return 0; }"#,
        ]
        return source(
            (0..<Int32(CUDADriver_count)).map { String(cString: CUDADriver_name($0)) },
            usual.merging(overrides) { $1 })
    }

    private static func source(_ names: [String], _ bodies: [String: String]) -> String {
        "#include <string.h>\n" + names.map { "int \($0)\(bodies[$0] ?? "() { return 0; }")\n" }.joined()
    }

    /// What opening this GPU says with such a driver and a cuBLASLt that does all it is asked.
    private func open(_ index: Int, _ overrides: [String: String]) throws -> GPU {
        let driver = try FakeLibrary(FakeDriverTests.driver(overrides))
        let names = (0..<Int32(CUBLASLtLibrary_count)).map { String(cString: CUBLASLtLibrary_name($0)) }
        let products = try FakeLibrary(FakeDriverTests.source(names, [:]), name: "lib64/libcublasLt.so.12")
        defer { [driver, products].forEach { $0.remove() } }
        let shipped = ShippedKernels(directory: driver.folder + "/cubins")
        try FileManager.default.createDirectory(atPath: driver.folder + "/cubins", withIntermediateDirectories: true)
        _ = FileManager.default.createFile(
            atPath: driver.folder + "/cubins/" + ShippedKernels.fileName(architecture: "sm_90"), contents: Data([1, 2]))
        let cache = KernelCache(directory: driver.folder + "/cache")
        _ = try cache.cubin(architecture: "sm_90", major: 12) { [3] }
        return try GPU(
            index: index, search: LibrarySearch(environment: ["CUDA_HOME": products.folder]), cache: cache,
            shipped: shipped, driver: driver.path)
    }

    @Test(
        "Each is told in one sentence with what to do",
        arguments: [
            (
                0, ["cuInit": "(unsigned flags) { return 100; }"], CUDAError.Code.noDevice,
                "no GPU is visible; look at CUDA_VIS"
            ),
            (
                0, ["cuInit": "(unsigned flags) { return 999; }"], .driverFailed,
                "does not start: CUDA_ERROR_FAKE, as asked"
            ),
            (
                0, ["cuDriverGetVersion": "(int *version) { *version = 10020; return 0; }"], .driverFailed,
                "knows CUDA 10.2; update it to one of CUDA 11 or later"
            ),
            (5, [:], .noDevice, "there is no GPU 5: there are 2, from 0 on; look at CUDA_VISIBLE_DEVICES"),
            (
                1, ["cuDeviceGetAttribute": "(int *value, int attribute, int device) { *value = 6; return 0; }"],
                .unsuitableDevice, "GPU 1 (Fake H100, sm_66) cannot be used: a Volta card or later"
            ),
            (
                0, ["cuModuleLoadData": "(void **module, const void *image) { return 209; }"], .unsuitableDevice,
                "the driver (CUDA 12.4) is too old for the compiled kernels; update it"
            ),
        ] as [(Int, [String: String], CUDAError.Code, String)])
    func refusals(index: Int, overrides: [String: String], kind: CUDAError.Code, words: String) throws {
        let error = #expect(throws: CUDAError.self) { try open(index, overrides) }
        #expect(error?.kind == kind && error?.description.contains(words) == true, "\(error?.description ?? "")")
    }

    @Test("Kernels beside the program are taken before any compiler, and others where the card refuses them")
    func shipped() throws {
        // The first byte tells whose they are.
        _ = try open(0, ["cuModuleLoadData": "(void **module, const char *image) { return image[0] == 1 ? 0 : 209; }"])
        _ = try open(0, ["cuModuleLoadData": "(void **module, const char *image) { return image[0] == 3 ? 0 : 209; }"])
    }

    @Test("What does not fit is told with what was free")
    func memory() throws {
        let gpu = try open(0, [:])
        let error = #expect(throws: TensorError.self) { try gpu.allocateShared(bytes: 5 << 20) }
        #expect(error?.kind == .outOfDeviceMemory)
        #expect(error?.description.hasPrefix("GPU 0 (Fake H100) has 3 of 8 MiB free where 5 more are needed; ") == true)
    }

    @Test("A card runs kernels of its generation's earlier cards, and only this version's")
    func nearest() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/saga-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (architecture, byte) in [("sm_80", UInt8(0)), ("sm_86", 6), ("sm_90", 9)] {
            let name = ShippedKernels.fileName(architecture: architecture)
            _ = FileManager.default.createFile(atPath: "\(folder)/\(name)", contents: Data([byte]))
        }
        _ = FileManager.default.createFile(atPath: "\(folder)/sm_89-0123.cubin", contents: Data([8]))
        let shipped = ShippedKernels(directory: folder)
        #expect(shipped.cubins(generation: 8, minor: 9) == [[6], [0]])
        #expect(shipped.cubins(generation: 8, minor: 0) == [[0]])
        #expect(shipped.cubins(generation: 7, minor: 5).isEmpty)
    }

    @Test("Where a rank computes")
    func ranks() throws {
        #expect(try ComputeDevice.cpu.ofRank(3) { 0 } == .cpu)
        #expect(try ComputeDevice.cuda(0).ofRank(3) { 4 } == .cuda(3))
        // As Slurm shows each task its own.
        #expect(try ComputeDevice.cuda(0).ofRank(3) { 1 } == .cuda(0))
        let few = #expect(throws: CUDAError.self) { try ComputeDevice.cuda(0).ofRank(3) { 2 } }
        #expect(few?.description.contains("has no GPU, as 2 are visible; start 2 ranks") == true)
        let chosen = #expect(throws: CUDAError.self) { try ComputeDevice.cuda(1).ofRank(0) { 2 } }
        #expect(chosen?.description.contains("choose by CUDA_VISIBLE_DEVICES") == true)
        #expect(try ComputeDevice.automatic.ofRank(1) { 2 } == .cuda(1))
        #expect(try ComputeDevice.automatic.ofRank(1) { throw CUDAError(.noDriver, "") } == .automatic)
    }
}
