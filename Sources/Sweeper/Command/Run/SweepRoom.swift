import SweepLaunchers

/// What a sweep may use of this machine, by the options of `sweeper run`.
struct SweepRoom {
    /// Nil: one a core, or as many as the GPUs take.
    var slots: Int?
    /// Nil: all.
    var gpus: [Int]?
    var trainersPerGPU: Int?

    func machine() throws -> Machine {
        let machine = Machine()
        return try gpus.map { try machine.restricted(toGPUs: $0) } ?? machine
    }

    /// `needsGPUs`: the sweep's trainers ask for GPUs, or are programs that may use one.
    func sharing(on machine: Machine, needsGPUs: Bool) -> Sharing {
        let givesGPUs = gpus != nil || trainersPerGPU != nil
        let fits = machine.gpus.count * (trainersPerGPU ?? 1)
        let usual = (needsGPUs || givesGPUs) && fits > 0 ? fits : machine.cores
        return Sharing(
            slots: slots ?? usual, trainersPerGPU: trainersPerGPU, givesGPUs: givesGPUs, countsCores: slots == nil)
    }
}
