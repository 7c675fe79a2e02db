import CUDAEmulation
import Tensor
import Testing

@testable import CUDA

/// The host's side of launches.
@Suite("Launches")
struct LaunchTests {
    @Test("All kernels are emulated, and no others")
    func names() throws {
        var emulated: Set<String> = []
        while let name = emulation_kernel(Int32(emulated.count)) { emulated.insert(String(cString: name)) }
        #expect(emulated == Set(Kernel.all.map(\.name)))
    }

    @Test("Arguments lie in memory as the kernels' types do")
    func arguments() throws {
        var float: Float = 0
        let pointer = withUnsafeMutablePointer(to: &float) { UnsafeMutableRawPointer($0) }
        let launch = KernelLaunch(
            .fill, gridX: 1, threads: 32,
            [
                .float(1.5), .int(-2), .long(1 << 40), .heads(pointer, rowStride: 7, headStride: -3), .buffer(nil),
                .double(0.25),
            ])
        #expect(launch.sizes == [4, 4, 8, 16, 8, 8])
        launch.withArguments { arguments in
            #expect(arguments[0]?.load(as: Float.self) == 1.5)
            #expect(arguments[1]?.load(as: Int32.self) == -2)
            #expect(arguments[2]?.load(as: Int64.self) == 1 << 40)
            #expect(arguments[3]?.load(as: UnsafeMutableRawPointer.self) == pointer)
            #expect(arguments[3]?.load(fromByteOffset: 8, as: Int32.self) == 7)
            #expect(arguments[3]?.load(fromByteOffset: 12, as: Int32.self) == -3)
            #expect(arguments[4]?.load(as: UInt.self) == 0)
            #expect(arguments[5]?.load(as: Double.self) == 0.25)
        }
    }

    @Test("A launch that does not fit its kernel is told, and nothing is computed after it")
    func wrongArguments() throws {
        let device = EmulatedDevice()
        device.launch(KernelLaunch(.fill, gridX: 1, threads: 32, [.int(1)]))
        #expect(throws: TensorError.self) { try device.finish() }
        let backend = CUDABackend(device)
        backend.perform { () throws(TensorError) in throw TensorError(.deviceFailed, "first") }
        backend.perform { () throws(TensorError) in throw TensorError(.deviceFailed, "second") }
        #expect(backend.failure?.description == "first")
        #expect(backend.norm(FloatStorage(count: 1).pointer, count: 1).isNaN)
    }

    @Test("Rows are grouped by where they go, in their order")
    func groups() {
        let groups = RowGroups([5, 0, 5, 2, 0])
        #expect(groups.targets == [0, 2, 5])
        #expect(groups.starts == [0, 2, 3, 5])
        #expect(groups.order == [1, 4, 3, 0, 2])
        #expect(RowGroups([]).targets.isEmpty)
    }

    @Test("Samples are cut in tiles, those without rows in none")
    func tiles() {
        let works = AttentionWork.tiles(of: [3, 0, 2], others: [7, 8, 9], rows: 2)
        #expect(
            works == [
                AttentionWork(first: 0, count: 2, otherFirst: 0, otherCount: 7),
                AttentionWork(first: 2, count: 1, otherFirst: 0, otherCount: 7),
                AttentionWork(first: 3, count: 2, otherFirst: 15, otherCount: 9),
            ])
    }

    @Test("Scratch memory grows and is used again")
    func scratch() throws {
        let scratch = DeviceScratch(EmulatedDevice())
        scratch.begin()
        let first = try scratch.take(bytes: 100)
        #expect(try scratch.take(bytes: 100) == first + 256)
        let large = try scratch.take(bytes: 5 << 20)
        scratch.begin()
        #expect(try scratch.take(bytes: 5 << 20) == large)
    }
}
