package import FoundationEssentials

/// Where on a machine a trainer works, and what it may use there.
package struct Placement: Codable, Sendable, Hashable {
    /// Indices of the GPUs, as the driver counts them.
    package var gpus: [Int]
    /// Names by which the trainer is shown its GPUs, in the order of `gpus`: an index, or a UUID.
    package var visibleDevices: [String]
    /// Threads that the trainer may use.
    package var threads: Int
    /// GPU memory in bytes that it takes on each of its GPUs; nil where that is not known.
    package var gpuMemory: Int64?
    /// Cores and bytes of main memory that it asked for; what it did not ask for is not counted.
    package var cpus: Int
    package var memory: Int64
    /// How many others it bears on its GPUs, and on the machine; nil: as many as fit.
    package var gpuNeighbours: Int?
    package var neighbours: Int?
    /// By which whoever keeps the machine's book finds it.
    package var id: UUID?

    package init(
        gpus: [Int] = [], visibleDevices: [String] = [], threads: Int = 1, gpuMemory: Int64? = nil, cpus: Int = 0,
        memory: Int64 = 0, gpuNeighbours: Int? = nil, neighbours: Int? = nil
    ) {
        self.gpus = gpus
        self.visibleDevices = visibleDevices
        self.threads = threads
        self.gpuMemory = gpuMemory
        self.cpus = cpus
        self.memory = memory
        self.gpuNeighbours = gpuNeighbours
        self.neighbours = neighbours
    }

    /// Whether a trainer that ran out of this kind of memory had it to itself: then another try would end the same.
    package func isAlone(in memory: MemoryShortage) -> Bool {
        switch memory {
        case .gpu where !gpus.isEmpty: gpuNeighbours == 0
        case .gpu, .main: neighbours == 0
        }
    }
}

/// The memory that a trainer ran out of.
package enum MemoryShortage: Sendable, Hashable {
    case gpu
    case main
}
