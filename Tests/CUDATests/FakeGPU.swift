import CCUDA
import Foundation

@testable import CUDA

/// A GPU whose driver is a library of a few lines: a driver of CUDA 12.4 with two H100s, but for what is overridden, and a
/// cuBLASLt that does all it is asked.
enum FakeGPU {
    /// `overrides` are bodies of functions in C, by name, which may call what `preamble` defines.
    static func open(_ index: Int = 0, _ overrides: [String: String] = [:], preamble: String = "") throws -> GPU {
        let driver = try FakeLibrary(driver(overrides, preamble))
        let names = (0..<Int32(CUBLASLtLibrary_count)).map { String(cString: CUBLASLtLibrary_name($0)) }
        let products = try FakeLibrary(source(names, [:]), name: "lib64/libcublasLt.so.12")
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

    private static func driver(_ overrides: [String: String], _ preamble: String) -> String {
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
            usual.merging(overrides) { $1 }, preamble)
    }

    private static func source(_ names: [String], _ bodies: [String: String], _ preamble: String = "") -> String {
        "#include <string.h>\n\(preamble)\n" + names.map { "int \($0)\(bodies[$0] ?? "() { return 0; }")\n" }.joined()
    }
}
