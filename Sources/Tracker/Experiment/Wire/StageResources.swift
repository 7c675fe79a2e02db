/// What one trainer of a stage needs of a machine; what is nil is not asked for.
package struct StageResources: Codable, Sendable, Hashable {
    /// Whole GPUs. With `gpuMemory` one GPU may be shared by as many trainers as fit.
    package var gpus: Int?
    /// Bytes of GPU memory that a trainer takes at most.
    package var gpuMemory: Int64?
    package var cpus: Int?
    /// Bytes of main memory.
    package var memory: Int64?
    /// Seconds after which the trainer is stopped.
    package var time: Int?

    package init(
        gpus: Int? = nil, gpuMemory: Int64? = nil, cpus: Int? = nil, memory: Int64? = nil, time: Int? = nil
    ) {
        self.gpus = gpus
        self.gpuMemory = gpuMemory
        self.cpus = cpus
        self.memory = memory
        self.time = time
    }
}
