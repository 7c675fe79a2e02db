package import Experiment

/// What one trainer needs, in the terms of one machine.
package struct Demand: Sendable, Hashable {
    package var gpus = 0
    /// Bytes on each GPU; nil where it is not known how much it takes.
    package var gpuMemory: Int64?
    /// How many others it bears on its GPUs, and on the machine; nil: as many as fit.
    package var gpuNeighbours: Int?
    package var neighbours: Int?
    package var cpus = 0
    package var memory: Int64 = 0
    package var threads = 1

    package init() {}
}

/// How a machine is shared by the trainers of a sweep.
package struct Sharing: Sendable, Hashable {
    package var slots: Int
    /// Trainers at a time on each GPU; nil: one, or as many as fit by their `gpu_memory`.
    package var trainersPerGPU: Int?
    /// Trainers that ask for no GPU get one all the same, because a person has said which GPUs to use.
    package var givesGPUs: Bool
    /// Nobody has said how many trainers may run: those without a GPU take the cores that they use, so that two sweepers
    /// do not use them twice.
    package var countsCores: Bool

    package init(slots: Int, trainersPerGPU: Int? = nil, givesGPUs: Bool = false, countsCores: Bool = false) {
        self.slots = slots
        self.trainersPerGPU = trainersPerGPU
        self.givesGPUs = givesGPUs
        self.countsCores = countsCores
    }

    /// `isProgram`: other programs than our trainer, which knows no GPU, get one where there is one. `isolation` is how
    /// often the stage ran out of memory: it gets half the neighbours, and then none.
    package func demand(
        _ resources: StageResources, isProgram: Bool, isolation: Int, on machine: Machine
    ) -> Demand {
        var demand = Demand()
        let unasked = (isProgram || givesGPUs) && !machine.gpus.isEmpty ? 1 : 0
        demand.gpus = resources.gpus ?? (resources.gpuMemory != nil ? 1 : unasked)
        demand.cpus = resources.cpus ?? 0
        demand.memory = resources.memory ?? 0
        demand.threads = resources.cpus ?? max(1, machine.cores / max(1, slots))
        if countsCores, demand.gpus == 0, slots <= machine.cores { demand.cpus = demand.threads }
        if demand.gpus > 0 {
            demand.gpuMemory = resources.gpuMemory
            let isMemoryKnown = resources.gpuMemory != nil && machine.gpus.allSatisfy { $0.memory != nil }
            demand.gpuNeighbours = trainersPerGPU.map { $0 - 1 } ?? (isMemoryKnown ? nil : 0)
        }
        if isolation > 0 {
            demand.gpuNeighbours = fewer(demand.gpuNeighbours, isolation)
            demand.neighbours = fewer(nil, isolation)
        }
        return demand
    }

    private func fewer(_ neighbours: Int?, _ isolation: Int) -> Int {
        let together = neighbours.map { $0 + 1 } ?? slots
        return isolation > 1 ? 0 : max(0, together / 2 - 1)
    }
}
