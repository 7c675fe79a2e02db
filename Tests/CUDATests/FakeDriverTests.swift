import Foundation
import Tensor
import Testing

@testable import CUDA

/// What drivers may say no to, by libraries in the place of NVIDIA's.
@Suite("Machines on which a GPU cannot be used")
struct FakeDriverTests {
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
        let error = #expect(throws: CUDAError.self) { try FakeGPU.open(index, overrides) }
        #expect(error?.kind == kind && error?.description.contains(words) == true, "\(error?.description ?? "")")
    }

    @Test("Kernels beside the program are taken before any compiler, and others where the card refuses them")
    func shipped() throws {
        // The first byte tells whose they are.
        _ = try FakeGPU.open(
            0, ["cuModuleLoadData": "(void **module, const char *image) { return image[0] == 1 ? 0 : 209; }"])
        _ = try FakeGPU.open(
            0, ["cuModuleLoadData": "(void **module, const char *image) { return image[0] == 3 ? 0 : 209; }"])
    }

    @Test("What does not fit is told with what was free")
    func memory() throws {
        let gpu = try FakeGPU.open(0, [:])
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
