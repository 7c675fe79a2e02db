import CCUDA
import Foundation
import Tensor
import Testing

@testable import CUDA

/// Graphs by a driver that keeps what it is asked for while it captures, and refuses what NVIDIA's refuses then.
@Suite("Graphs of a GPU's work")
struct GPUGraphTests {
    /// What the driver has counted.
    private enum Count: Int32 { case refusals, launches, destroyed, products, waits }

    private let gpu: GPU
    private let count: (Count) -> Int32
    private let x: UnsafeMutableRawPointer
    private let y: UnsafeMutableRawPointer

    init() throws { try self.init(with: GPUGraphTests.later) }

    private init(with later: [String]) throws {
        let names =
            (0..<Int32(CUDADriver_count)).map { String(cString: CUDADriver_name($0)) }
            + (0..<Int32(CUBLASLtLibrary_count)).map { String(cString: CUBLASLtLibrary_name($0)) }
        let rest = names.filter { !GPUGraphTests.source.contains("int \($0)(") }
        let missing = GPUGraphTests.later.filter { !later.contains($0) }
        let source = missing.reduce(GPUGraphTests.source) {
            $0.replacingOccurrences(of: "int \($1)(", with: "int no_\($1)(")
        }
        let library = try FakeLibrary(source + rest.map { "int \($0)() { return 0; }\n" }.joined())
        defer { library.remove() }
        // Driver and products in one, so that they share what is captured.
        let products = library.folder + "/lib64/libcublasLt.so.12"
        try FileManager.default.createDirectory(atPath: library.folder + "/lib64", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: products, withDestinationPath: library.path)
        let cache = KernelCache(directory: library.folder + "/cache")
        _ = try cache.cubin(architecture: "sm_90", major: 12) { [3] }
        gpu = try GPU(
            index: 0, search: LibrarySearch(environment: ["CUDA_HOME": library.folder]), cache: cache,
            shipped: ShippedKernels(directory: library.folder), driver: library.path)
        typealias Counter = @convention(c) (Int32) -> Int32
        let counter = try #require(try DynamicLibrary(library.path).function("fake_count", Counter.self))
        count = { counter($0.rawValue) }
        x = try gpu.allocate(bytes: 64)
        y = try gpu.allocate(bytes: 64)
    }

    private static let later = ["cuStreamBeginCapture_v2", "cuGraphInstantiateWithFlags"]

    private func fill(_ value: Float) -> DeviceWork {
        .launch(KernelLaunch(.fill, gridX: 1, threads: 32, [.buffer(x), .float(value), .long(16)]))
    }

    private var product: DeviceWork {
        let matrix = DeviceProduct.Matrix(pointer: x, stride: 4, number: .float32)
        return .multiply(
            DeviceProduct(
                m: 4, n: 4, k: 4, a: matrix, transposeA: false, b: matrix, transposeB: false, c: matrix, d: matrix,
                alpha: 1, beta: 0, isTF32: false))
    }

    private var first: Float { y.load(as: Float.self) }

    @Test("What is captured is done at each launch and not before, with the numbers of then")
    func launches() throws {
        let graph = try #require(try gpu.graph(of: [fill(2), product, .copy(from: x, to: y, bytes: 64)]))
        #expect(first == 0 && count(.products) == 0)
        try gpu.launch(graph)
        #expect(first == 2 && count(.products) == 1 && count(.launches) == 1)
        guard case .launch(let other) = fill(7) else { return }
        try gpu.launch(other)
        try gpu.launch(graph)
        #expect(first == 2 && count(.products) == 2)
        // Memory for products and their plans were made before.
        #expect(count(.refusals) == 0)
    }

    @Test("A graph is waited for before it is given back")
    func destroyed() throws {
        var graph = try gpu.graph(of: [fill(1)])
        #expect(graph != nil && count(.destroyed) == 0)
        let waits = count(.waits)
        graph = nil
        #expect(count(.destroyed) == 1 && count(.waits) == waits + 1)
    }

    @Test("Work that the driver refuses to capture makes no graph, and is done without one")
    func refused() throws {
        let wrong = KernelLaunch(.add, gridX: 1, threads: 32, [.buffer(x)])
        #expect(try gpu.graph(of: [.launch(wrong)]) == nil)
        #expect(count(.refusals) == 1)
        // The stream has left capture.
        let recorder = StepRecorder(gpu, graphs: 4)
        for value in 1...3 {
            recorder.begin()
            try recorder.launch(wrong)
            guard case .launch(let launch) = fill(Float(value)) else { return }
            try recorder.launch(launch)
            try recorder.copy(from: x, to: y, bytes: 64)
            try recorder.end()
            #expect(first == Float(value))
        }
    }

    @Test("A driver without these functions makes none", arguments: later)
    func missing(name: String) throws {
        let old = try GPUGraphTests(with: GPUGraphTests.later.filter { $0 != name })
        #expect(try old.gpu.graph(of: [old.fill(1)]) == nil)
    }

    /// Fills and copies are done on the host's memory. `add` cannot be captured.
    private static let source = #"""
        #include <stdlib.h>
        #include <string.h>
        typedef unsigned long long address;
        struct node { int kind; float *out; float value; long count; address to, from; size_t bytes; };
        struct graph { int count; struct node nodes[16]; };
        static int counts[5], capturing, broken;
        static struct graph *captured;
        int fake_count(int what) { return counts[what]; }
        static int refused(void) { if (capturing) { broken = 1; counts[0]++; } return capturing ? 900 : 0; }
        static void run(struct node n) {
            if (n.kind == 1) for (long i = 0; i < n.count; i++) n.out[i] = n.value;
            if (n.kind == 2) memcpy((void *)n.to, (void *)n.from, n.bytes);
            if (n.kind == 3) counts[3]++;
        }
        static int ask(struct node n) {
            if (capturing) captured->nodes[captured->count++] = n; else run(n);
            return 0;
        }
        int cuDriverGetVersion(int *version) { *version = 12040; return 0; }
        int cuDeviceGetCount(int *count) { *count = 1; return 0; }
        int cuDeviceGetAttribute(int *value, int attribute, int device) {
            *value = attribute == 75 ? 9 : attribute == 89; return 0; }
        int cuModuleGetFunction(void **function, void *module, const char *name) { *function = strdup(name); return 0; }
        int cuMemGetInfo_v2(size_t *room, size_t *total) { *room = *total = 1ul << 30; return 0; }
        int cuMemAlloc_v2(address *out, size_t bytes) {
            if (refused()) return 900; *out = (address)calloc(1, bytes); return 0; }
        int cuMemAllocManaged(address *out, size_t bytes, unsigned flags) { return cuMemAlloc_v2(out, bytes); }
        int cuMemHostAlloc(void **out, size_t bytes, unsigned flags) { return cuMemAlloc_v2((address *)out, bytes); }
        int cuMemFree_v2(address pointer) { return refused(); }
        int cuStreamSynchronize(void *stream) { counts[4]++; return refused(); }
        int cuEventSynchronize(void *event) { return refused(); }
        int cuStreamWaitEvent(void *stream, void *event, unsigned flags) { return refused(); }
        int cuModuleLoadData(void **module, const void *image) { return refused(); }
        int cuLaunchKernel(char *function, unsigned gx, unsigned gy, unsigned gz, unsigned x, unsigned y, unsigned z,
                           unsigned bytes, void *stream, void **arguments, void **extra) {
            struct node n = {1};
            if (strcmp(function, "fill")) return refused();
            n.out = *(float **)arguments[0]; n.value = *(float *)arguments[1]; n.count = *(long *)arguments[2];
            return ask(n);
        }
        int cuMemcpyDtoDAsync_v2(address to, address from, size_t bytes, void *stream) {
            struct node n = {2}; n.to = to; n.from = from; n.bytes = bytes; return ask(n); }
        int cublasLtMatmul() { struct node n = {3}; return ask(n); }
        int cublasLtMatmulAlgoGetHeuristic(void *handle, void *d, void *a, void *b, void *c, void *e, void *preference,
                                           int wanted, void *results, int *found) { *found = 1; return refused(); }
        int cuStreamBeginCapture_v2(void *stream, int mode) {
            if (capturing || mode != 1) return 1;
            capturing = 1; broken = 0; captured = calloc(1, sizeof *captured); return 0; }
        int cuStreamEndCapture(void *stream, void **graph) {
            if (!capturing) return 1;
            capturing = 0; *graph = broken ? 0 : captured; return broken ? 901 : 0; }
        int cuGraphInstantiateWithFlags(void **out, void *graph, address flags) {
            *out = malloc(sizeof(struct graph)); memcpy(*out, graph, sizeof(struct graph)); return 0; }
        int cuGraphDestroy(void *graph) { memset(graph, 0, sizeof(struct graph)); return 0; }
        int cuGraphLaunch(struct graph *graph, void *stream) {
            counts[1]++; for (int i = 0; i < graph->count; i++) run(graph->nodes[i]); return 0; }
        int cuGraphExecDestroy(void *graph) { counts[2]++; return 0; }

        """#
}
