import Experiment
import SweepLaunchers
import SweepScheduler
import Testing

@Suite("Room on a machine")
struct AllocatorTests {
    private static let gigabyte: Int64 = 1_000_000_000

    private static func machine(gpus: Int = 2, gpuMemory: Int64? = 24 * gigabyte) -> Machine {
        Machine(
            gpus: (0..<gpus).map { GPU(index: $0, memory: gpuMemory) }, cores: 8, memory: 64 * gigabyte)
    }

    private static func demand(
        _ resources: StageResources, slots: Int = 8, perGPU: Int? = nil, isProgram: Bool = false, isolation: Int = 0,
        on machine: Machine = machine()
    ) -> Demand {
        Sharing(slots: slots, trainersPerGPU: perGPU)
            .demand(resources, isProgram: isProgram, isolation: isolation, on: machine)
    }

    @Test("Whole GPUs are nobody else's; the least crowded is taken first")
    func wholeGPUs() {
        var allocator = Allocator(AllocatorTests.machine())
        let one = AllocatorTests.demand(StageResources(gpus: 1))
        #expect(allocator.place(one)?.gpus == [0])
        let second = allocator.place(one)
        #expect(second?.gpus == [1] && second?.visibleDevices == ["1"])
        #expect(allocator.place(one) == nil)
        if let second { allocator.release(second) }
        #expect(allocator.place(one)?.gpus == [1])
    }

    @Test("As many trainers share a GPU as fit by their memory, or as --trainers-per-gpu says")
    func shared() {
        var allocator = Allocator(AllocatorTests.machine())
        let ten = AllocatorTests.demand(StageResources(gpuMemory: 10 * AllocatorTests.gigabyte))
        #expect((0..<5).map { _ in allocator.place(ten)?.gpus } == [[0], [1], [0], [1], nil])
        var counted = Allocator(AllocatorTests.machine(gpus: 1, gpuMemory: nil))
        let third = AllocatorTests.demand(StageResources(gpus: 1), perGPU: 3)
        #expect((0..<4).map { _ in counted.place(third)?.gpus } == [[0], [0], [0], nil])
    }

    @Test("How much memory a card has is not known: a trainer that asks for memory gets a whole one")
    func unknownMemory() {
        let machine = AllocatorTests.machine(gpus: 1, gpuMemory: nil)
        var allocator = Allocator(machine)
        let demand = AllocatorTests.demand(StageResources(gpuMemory: 1), on: machine)
        #expect(allocator.refusal(of: demand) == nil)
        #expect(allocator.place(demand) != nil && allocator.place(demand) == nil)
    }

    @Test(
        "What can never fit is refused in a sentence that names the key to change",
        arguments: [
            (StageResources(gpus: 3), 2, "asks for 3 GPUs, and there are 2 here; change 'gpus' of 'resources'"),
            (StageResources(gpus: 1), 0, "asks for 1 GPU, and there is none here; change 'gpus' of 'resources'"),
            (
                StageResources(gpuMemory: 80 * gigabyte), 2,
                "asks for 80.0 GB of GPU memory, and the largest card here has 24.0 GB; change 'gpu_memory' of 'resources'"
            ),
            (StageResources(cpus: 9), 0, "asks for 9 cores, and there are 8 here; change 'cpus' of 'resources'"),
            (
                StageResources(memory: 65 * gigabyte), 0,
                "asks for 65.0 GB of memory, and there are 64.0 GB here; change 'memory' of 'resources'"
            ),
            (StageResources(gpus: 2, gpuMemory: 24 * gigabyte, cpus: 8, memory: 64 * gigabyte), 2, nil),
        ] as [(StageResources, Int, String?)])
    func refusal(resources: StageResources, gpus: Int, sentence: String?) {
        let machine = AllocatorTests.machine(gpus: gpus)
        let demand = AllocatorTests.demand(resources, on: machine)
        #expect(Allocator(machine).refusal(of: demand) == sentence)
    }

    @Test("After running out of memory a trainer gets half the neighbours, and then none")
    func isolation() {
        let shared = StageResources(gpus: 1)
        let levels = (0...3).map { AllocatorTests.demand(shared, perGPU: 8, isolation: $0) }
        #expect(levels.map(\.gpuNeighbours) == [7, 3, 0, 0])
        #expect(levels.map(\.neighbours) == [nil, 3, 0, 0])
        var allocator = Allocator(AllocatorTests.machine(gpus: 1))
        #expect(allocator.place(levels[2]) != nil)
        #expect(allocator.place(levels[0]) == nil, "it was to be alone")
    }

    @Test("Programs get a GPU where there is one; our trainer, which uses none, does not")
    func unasked() {
        #expect(AllocatorTests.demand(StageResources(), isProgram: true).gpus == 1)
        #expect(AllocatorTests.demand(StageResources(), isProgram: false).gpus == 0)
        #expect(AllocatorTests.demand(StageResources(gpus: 0), isProgram: true).gpus == 0)
        let none = AllocatorTests.machine(gpus: 0)
        #expect(AllocatorTests.demand(StageResources(), isProgram: true, on: none).gpus == 0)
    }

    /// Random demands come, wait in a queue and leave again.
    @Test("Whatever comes: nothing is promised twice, and whoever can be served at all is served", arguments: 0..<60)
    func property(seed: UInt64) {
        var random = SplitMix(seed: seed)
        let machine = AllocatorTests.machine(
            gpus: Int.random(in: 0...3, using: &random),
            gpuMemory: Bool.random(using: &random) ? 24 * AllocatorTests.gigabyte : nil)
        var allocator = Allocator(machine)
        var queue: [(id: Int, demand: Demand)] = []
        var working: [(id: Int, placement: Placement)] = []
        var served: Set<Int> = []
        var asked: Set<Int> = []
        for step in 0..<80 {
            let demand = AllocatorTests.random(on: machine, &random)
            if allocator.refusal(of: demand) == nil {
                queue.append((step, demand))
                asked.insert(step)
            }
            serve()
            if !working.isEmpty, Bool.random(using: &random) {
                allocator.release(working.remove(at: Int.random(in: working.indices, using: &random)).placement)
                serve()
            }
        }
        // The end: whoever works leaves, first come first; nobody may be left waiting.
        while !working.isEmpty {
            allocator.release(working.removeFirst().placement)
            serve()
        }
        #expect(queue.isEmpty && served == asked)
        #expect(allocator.occupants.isEmpty)

        func serve() {
            let granted = allocator.grant(queue.map(\.demand))
            for (index, placement) in granted {
                served.insert(queue[index].id)
                working.append((queue[index].id, placement))
                #expect(placement.gpus.count == queue[index].demand.gpus)
            }
            queue = queue.enumerated().filter { granted[$0.offset] == nil }.map(\.element)
            AllocatorTests.expectSound(working.map(\.placement), machine)
        }
    }

    /// No core, byte or GPU is promised twice, and nobody has more neighbours than it bears.
    private static func expectSound(_ placements: [Placement], _ machine: Machine) {
        #expect(placements.reduce(0) { $0 + $1.cpus } <= machine.cores)
        #expect(placements.reduce(0) { $0 + $1.memory } <= machine.memory)
        #expect(placements.allSatisfy { placements.count - 1 <= $0.neighbours ?? .max })
        for gpu in machine.gpus {
            let on = placements.filter { $0.gpus.contains(gpu.index) }
            #expect(on.reduce(0) { $0 + ($1.gpuMemory ?? 0) } <= gpu.memory ?? .max)
            #expect(on.allSatisfy { on.count - 1 <= $0.gpuNeighbours ?? .max })
        }
        #expect(placements.allSatisfy { Set($0.gpus).count == $0.gpus.count })
    }

    private static func random(on machine: Machine, _ random: inout SplitMix) -> Demand {
        var resources = StageResources()
        if Bool.random(using: &random) { resources.gpus = Int.random(in: 0...3, using: &random) }
        if Bool.random(using: &random) {
            resources.gpuMemory = Int64.random(in: 1...30, using: &random) * AllocatorTests.gigabyte
        }
        if Bool.random(using: &random) { resources.cpus = Int.random(in: 1...9, using: &random) }
        if Bool.random(using: &random) {
            resources.memory = Int64.random(in: 1...66, using: &random) * AllocatorTests.gigabyte
        }
        return AllocatorTests.demand(
            resources, perGPU: Bool.random(using: &random) ? 3 : nil, isProgram: Bool.random(using: &random),
            isolation: Int.random(in: 0...9, using: &random) / 4, on: machine)
    }
}

/// A small seeded generator.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
