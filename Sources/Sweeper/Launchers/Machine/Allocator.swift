package import SweepScheduler

/// Who works where on one machine. Pure: the same demands in the same order are placed the same.
package struct Allocator: Sendable {
    /// What demands can get in each other's way over.
    private enum Dimension: CaseIterable {
        case gpus, cpus, memory, company
    }

    package let machine: Machine
    package private(set) var occupants: [Placement] = []

    package init(_ machine: Machine) { self.machine = machine }

    /// Why `demand` can never be met here, as the rest of a sentence that begins with who demands; nil when it can.
    package func refusal(of demand: Demand) -> String? {
        if demand.gpus > machine.gpus.count {
            let has = machine.gpus.isEmpty ? "there is none here" : "there are \(machine.gpus.count) here"
            return "asks for \(demand.gpus) GPU\(demand.gpus == 1 ? "" : "s"), and \(has); change 'gpus' of 'resources'"
        }
        if demand.gpus > 0, let wanted = demand.gpuMemory {
            let enough = machine.gpus.count { ($0.memory ?? .max) >= wanted }
            if enough < demand.gpus {
                let most = machine.gpus.compactMap(\.memory).max() ?? 0
                return "asks for \(bytes(wanted)) of GPU memory, and the largest card here has \(bytes(most)); change "
                    + "'gpu_memory' of 'resources'"
            }
        }
        if demand.cpus > machine.cores {
            return "asks for \(demand.cpus) cores, and there are \(machine.cores) here; change 'cpus' of 'resources'"
        }
        if demand.memory > machine.memory {
            return "asks for \(bytes(demand.memory)) of memory, and there are \(bytes(machine.memory)) here; change "
                + "'memory' of 'resources'"
        }
        return nil
    }

    /// Takes room for the demand on the least crowded GPUs; nil when there is none now.
    package mutating func place(_ demand: Demand) -> Placement? {
        let others = occupants.count
        guard others <= demand.neighbours ?? .max, occupants.allSatisfy({ others <= $0.neighbours ?? .max }),
            demand.cpus == 0 || occupants.reduce(demand.cpus, { $0 + $1.cpus }) <= machine.cores,
            demand.memory == 0 || occupants.reduce(demand.memory, { $0 + $1.memory }) <= machine.memory
        else { return nil }
        let room = machine.gpus.map { gpu in (gpu, occupants.filter { $0.gpus.contains(gpu.index) }) }
            .filter { hasRoom($0, beside: $1, for: demand) }
            .sorted { ($0.1.count, $0.0.index) < ($1.1.count, $1.0.index) }
        guard room.count >= demand.gpus else { return nil }
        let gpus = room.prefix(demand.gpus).map(\.0).sorted { $0.index < $1.index }
        let placement = Placement(
            gpus: gpus.map(\.index), visibleDevices: gpus.map(\.visibleName), threads: demand.threads,
            gpuMemory: demand.gpuMemory, cpus: demand.cpus, memory: demand.memory,
            gpuNeighbours: demand.gpuNeighbours, neighbours: demand.neighbours)
        occupants.append(placement)
        return placement
    }

    /// A trainer is there already, whether or not there was room for it.
    package mutating func occupy(_ placement: Placement) { occupants.append(placement) }

    package mutating func release(_ placement: Placement) {
        if let index = occupants.firstIndex(of: placement) { occupants.remove(at: index) }
    }

    /// Serves a queue: by index, who gets what. Nobody waits for ever, because a later demand may not take of what an
    /// earlier one waits for; one that needs something else goes ahead.
    package mutating func grant(_ queue: [Demand]) -> [Int: Placement] {
        var granted: [Int: Placement] = [:]
        var blocked: Set<Dimension> = []
        for (index, demand) in queue.enumerated() {
            let needs = Allocator.dimensions(of: demand)
            // Whoever wants to be alone waits for everybody to leave: nobody may come in meanwhile.
            if blocked.contains(.company) { break }
            if needs.isDisjoint(with: blocked), let placement = place(demand) {
                granted[index] = placement
            } else {
                blocked.formUnion(needs)
            }
        }
        return granted
    }

    private static func dimensions(of demand: Demand) -> Set<Dimension> {
        var result: Set<Dimension> = []
        if demand.gpus > 0 { result.insert(.gpus) }
        if demand.cpus > 0 { result.insert(.cpus) }
        if demand.memory > 0 { result.insert(.memory) }
        if demand.neighbours != nil { result.insert(.company) }
        return result
    }

    private func hasRoom(_ gpu: GPU, beside others: [Placement], for demand: Demand) -> Bool {
        guard others.count <= demand.gpuNeighbours ?? .max,
            others.allSatisfy({ others.count <= $0.gpuNeighbours ?? .max })
        else { return false }
        guard let memory = gpu.memory, let wanted = demand.gpuMemory else { return true }
        return others.reduce(wanted) { $0 + ($1.gpuMemory ?? 0) } <= memory
    }

    private func bytes(_ count: Int64) -> String {
        let gigabytes = (Double(count) / 1e8).rounded() / 10
        return gigabytes >= 0.1 ? "\(gigabytes) GB" : "\(count) bytes"
    }
}
