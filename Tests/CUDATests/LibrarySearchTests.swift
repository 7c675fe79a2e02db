import Testing

@testable import CUDA

/// Where libraries are looked for, and what is said when they are not there.
@Suite("Finding NVIDIA's libraries")
struct LibrarySearchTests {
    private static let tree: [String: [String]] = [
        "/opt/cuda/lib64": ["libnvrtc.so", "libnvrtc.so.12", "libnvrtc.so.12.4", "libnvrtc-builtins.so.12.4"],
        "/env/lib": ["python3.11", "other"],
        "/conda/lib": ["libnvrtc.so.12"],
        "/usr/lib": ["python3"],
        "/usr/lib/python3/dist-packages/nvidia": ["cuda_nvrtc"],
        "/usr/lib/python3/dist-packages/nvidia/cuda_nvrtc/lib": ["libnvrtc.so.11"],
        "/env/lib/python3.11/site-packages/nvidia": ["cublas", "cuda_nvrtc"],
        "/env/lib/python3.11/site-packages/nvidia/cuda_nvrtc/lib": ["libnvrtc.so.13", "libnvrtc.so.x"],
    ]

    private func search(_ environment: [String: String]) -> LibrarySearch {
        LibrarySearch(environment: environment) { LibrarySearchTests.tree[$0] ?? [] }
    }

    @Test("A toolkit comes before a Python environment, newer versions before older")
    func order() {
        let search = search(["CUDA_HOME": "/opt/cuda", "VIRTUAL_ENV": "/env", "CONDA_PREFIX": "/conda"])
        #expect(
            search.paths(of: "libnvrtc.so") == [
                "/opt/cuda/lib64/libnvrtc.so.12.4", "/opt/cuda/lib64/libnvrtc.so.12", "/opt/cuda/lib64/libnvrtc.so",
                "/conda/lib/libnvrtc.so.12", "/env/lib/python3.11/site-packages/nvidia/cuda_nvrtc/lib/libnvrtc.so.13",
                "/usr/lib/python3/dist-packages/nvidia/cuda_nvrtc/lib/libnvrtc.so.11",
            ])
    }

    @Test("Nothing newer than the driver is taken")
    func major() {
        let search = search(["VIRTUAL_ENV": "/env"])
        #expect(search.paths(of: "libnvrtc.so", major: 12).count == 1)
        #expect(search.paths(of: "libnvrtc.so", major: 13).count == 2)
    }

    @Test("Empty variables name no folders")
    func empty() {
        let folders = search(["CUDA_HOME": "", "VIRTUAL_ENV": "", "HOME": ""]).folders
        #expect(!folders.contains { $0.hasPrefix("/lib64") || $0.hasPrefix("//") })
    }

    @Test("What is missing is named, with the package that brings it")
    func missing() throws {
        let error = #expect(throws: CUDAError.self) {
            try search([:]).open("libnothing.so", major: 12, package: "nvidia-nothing")
        }
        #expect(error?.kind == .missingLibrary)
        for word in ["libnothing.so", "nvidia-nothing", "CUDA_HOME"] {
            #expect(error?.description.contains(word) == true)
        }
    }

    @Test("Functions that a library lacks are named")
    func symbols() throws {
        let library = try DynamicLibrary("libc.so.6")
        let names: [StaticString] = ["malloc", "no_such_function"]
        let error = #expect(throws: DynamicLibrary.MissingSymbols.self) {
            try library.functions((UInt, UInt).self, count: names.count) { place in
                UnsafeRawPointer(names[Int(place)].utf8Start).assumingMemoryBound(to: CChar.self)
            }
        }
        #expect(error?.names == ["no_such_function"])
    }

    @Test("What --device takes")
    func devices() {
        #expect(ComputeDevice("cpu") == .cpu)
        #expect(ComputeDevice("cuda") == .cuda(0))
        #expect(ComputeDevice("cuda:3") == .cuda(3))
        #expect(ComputeDevice("auto") == .automatic)
        for wrong in ["", "gpu", "cuda:", "cuda:-1", "cuda:x", "cuda:99999"] { #expect(ComputeDevice(wrong) == nil) }
    }

    @Test("A GPU that cannot be used is an error, unless any device will do")
    func noGPU() throws {
        let reason = CUDAError(.noDriver, "there is no driver")
        func none(_: Int, _: Precision) throws -> (any KernelDevice, name: String) { throw reason }
        #expect(throws: reason) { try ComputeDevice.cuda(1).open(gpu: none) }
        let chosen = try ComputeDevice.automatic.open(gpu: none)
        #expect(chosen.device == "cpu")
        #expect(throws: CUDAError.self) { try ComputeDevice.cpu.open(.bfloat16) }
        #expect(chosen.description.contains("there is no driver"))
        let emulated = try ComputeDevice.automatic.open(.bfloat16) { _, _ in (EmulatedDevice(), "emulated") }
        #expect(emulated.device == "cuda:0" && emulated.backend is CUDABackend)
    }

    @Test("A machine without a driver is told so, with what to do")
    func noDriver() {
        let error = #expect(throws: CUDAError.self) { try GPUDriver(name: "libcuda-of-no-machine.so.1") }
        #expect(error?.kind == .noDriver)
        #expect(error?.description.contains("--device cpu") == true)
        // A library that is no driver.
        #expect(throws: CUDAError.self) { try GPUDriver(name: "libc.so.6") }
    }
}
