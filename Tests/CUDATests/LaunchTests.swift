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
        let filled = RowGroups([5, 0, 5, 2, 0], filledUp: true)
        #expect(filled.targets == [0, 2, 5] + [Int32](repeating: 0, count: 13))
        #expect(filled.starts == [0, 2, 3] + [Int32](repeating: 5, count: 14) && filled.order == groups.order)
    }

    @Test("Groups that only fill up a grid write nowhere, as their target may be another's at the same time")
    func fillingGroups() {
        let backend = CUDABackend(EmulatedDevice())
        let (table, rows) = (
            FloatStorage(count: 8, memory: backend.memory), FloatStorage(count: 8, memory: backend.memory)
        )
        for index in 0..<8 { (table.floats[index], rows.floats[index]) = (-0.0, 1) }
        backend.asStep { backend.scatterAdd(table: table.pointer, input: rows.pointer, indices: [1, 1], dim: 4) }
        backend.finish()
        // Even a sum of nothing would take the sign away.
        #expect(table.floats.map(\.sign) == [.minus, .minus, .minus, .minus, .plus, .plus, .plus, .plus])
        #expect(Array(table.floats[4...]) == [2, 2, 2, 2])
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

    @Test("Tiles are filled up to what any samples of so many rows need", arguments: [[64], [1, 1, 62], [33, 31, 0]])
    func filledTiles(lengths: [Int]) {
        let works = AttentionWork.tiles(of: lengths, others: lengths, rows: 32, filledUp: true)
        #expect(works.count == 2 + lengths.count)
        #expect(works.reduce(0) { $0 + Int($1.count) } == 64)
    }

    @Test("What SAGA_GRAPHS may say")
    func graphs() throws {
        #expect(try CUDABackend.graphs([:]) == CUDABackend.mostGraphs && CUDABackend.mostGraphs > 0)
        #expect(try CUDABackend.graphs(["SAGA_GRAPHS": "off"]) == 0)
        #expect(try CUDABackend.graphs(["SAGA_GRAPHS": "7"]) == 7)
        for word in ["many", "-1"] {
            let error = #expect(throws: CUDAError.self) { try CUDABackend.graphs(["SAGA_GRAPHS": word]) }
            #expect(error?.description.contains("SAGA_GRAPHS is '\(word)'") == true)
        }
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
