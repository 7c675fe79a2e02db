import FoundationEssentials
import Testing

@testable import CUDA

/// The kernels by the real compiler, for every card that is supported: it needs no GPU.
@Suite("Compiled kernels")
struct CompilerTests {
    static let architectures = ["sm_70", "sm_80", "sm_90"]

    /// The Python environment that scripts/python makes.
    private static let environment =
        #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/.build/python"
    private static let search = LibrarySearch(environment: ["VIRTUAL_ENV": environment])

    /// Registers and shared memory per block that every card has.
    private static let mostRegisters = 65_536
    private static let mostSharedMemory = 48 << 10

    @Test("Every kernel compiles, spills nothing and fits a block", arguments: architectures)
    func compile(architecture: String) throws {
        let compiled = try KernelCompiler(CompilerTests.search).compile(architecture: architecture)
        let usage = KernelUsage.parse(compiled.log)
        #expect(Set(usage.map(\.kernel)) == Set(Kernel.all.map(\.name)), "\(compiled.log)")
        for kernel in usage {
            #expect(kernel.spilledBytes == 0 && kernel.stackBytes == 0, "\(kernel)")
            #expect(kernel.registers * CompilerTests.threads(kernel.kernel) <= CompilerTests.mostRegisters, "\(kernel)")
            #expect(kernel.sharedBytes <= CompilerTests.mostSharedMemory, "\(kernel)")
        }
        print("\(architecture): kernel, registers, shared bytes")
        for kernel in usage.sorted(by: { $0.kernel < $1.kernel }) {
            print("  \(kernel.kernel) \(kernel.registers) \(kernel.sharedBytes)")
        }
        #expect(compiled.cubin.starts(with: [0x7f, 0x45, 0x4c, 0x46]))
    }

    private static func threads(_ kernel: String) -> Int {
        if kernel.hasPrefix("attention") { return AttentionKernels.threads }
        return ["scatter_add", "column_sums"].contains { kernel.hasPrefix($0) } ? 512 : CUDABackend.threads
    }

    @Test("A kernel that does not compile is told with the compiler's words")
    func wrongSource() throws {
        let compiler = try KernelCompiler(CompilerTests.search)
        let error = #expect(throws: CUDAError.self) {
            try compiler.compile("__global__ void f() { nonsense(); }", headers: [], architecture: "sm_80")
        }
        #expect(error?.kind == .kernelsNotCompiled)
        #expect(error?.description.contains("nonsense") == true)
    }

    @Test("A card that this compiler does not know is told")
    func unknownArchitecture() throws {
        let error = #expect(throws: CUDAError.self) {
            try KernelCompiler(CompilerTests.search).compile("", headers: [], architecture: "sm_999")
        }
        #expect(error?.description.contains("sm_999") == true)
    }

    @Test("What was compiled once is read from the cache")
    func cache() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "saga-cubins-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let cache = KernelCache(directory: folder)
        var compiled = 0
        func compile() throws(CUDAError) -> [UInt8] {
            compiled += 1
            return [UInt8(compiled)]
        }
        for _ in 0..<2 { #expect(try cache.cubin(architecture: "sm_90", major: 12, compile: compile) == [1]) }
        // Another card's are others, and so are those for another driver.
        #expect(try cache.cubin(architecture: "sm_80", major: 12, compile: compile) == [2])
        #expect(try cache.cubin(architecture: "sm_90", major: 13, compile: compile) == [3])
        let unwritable = KernelCache(directory: "/dev/null/cubins")
        #expect(try unwritable.cubin(architecture: "sm_90", major: 12, compile: compile) == [4])
    }
}

/// What ptxas says of a kernel.
struct KernelUsage: Equatable {
    let kernel: String
    var registers = 0
    var sharedBytes = 0
    var spilledBytes = 0
    /// Memory of each thread beside registers: arrays that the compiler could not keep in these.
    var stackBytes = 0

    static func parse(_ log: String) -> [KernelUsage] {
        var all: [KernelUsage] = []
        for line in log.split(separator: "\n") {
            if let match = line.firstMatch(of: /Compiling entry function '(\w+)'/) {
                all.append(KernelUsage(kernel: String(match.1)))
            }
            guard !all.isEmpty else { continue }
            if let match = line.firstMatch(of: /(\d+) bytes spill stores, (\d+) bytes spill loads/) {
                all[all.count - 1].spilledBytes = (Int(match.1) ?? .max) + (Int(match.2) ?? 0)
            }
            if let match = line.firstMatch(of: /(\d+) bytes stack frame/) {
                all[all.count - 1].stackBytes = Int(match.1) ?? .max
            }
            if let match = line.firstMatch(of: /Used (\d+) registers/) {
                all[all.count - 1].registers = Int(match.1) ?? 0
            }
            if let match = line.firstMatch(of: /(\d+) bytes smem/) {
                all[all.count - 1].sharedBytes = Int(match.1) ?? 0
            }
        }
        return all
    }
}
