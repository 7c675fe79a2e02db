import Foundation

/// What trainers can use of this machine.
package struct Machine: Sendable, Hashable {
    package var gpus: [GPU]
    package var cores: Int
    /// Bytes of main memory.
    package var memory: Int64

    package init(gpus: [GPU] = [], cores: Int, memory: Int64) {
        self.gpus = gpus
        self.cores = cores
        self.memory = memory
    }

    /// This machine: GPUs by NVML, else by the files of NVIDIA's driver, less what `CUDA_VISIBLE_DEVICES` hides.
    /// `root` is where `/proc` and `/dev` lie.
    package init(
        environment: [String: String] = ProcessInfo.processInfo.environment, library: String? = nil, root: String = ""
    ) {
        let all = NVML.gpus(library: library ?? NVML.soname) ?? Machine.gpusOfDriver(root: root)
        gpus = GPU.visible(all, variable: environment["CUDA_VISIBLE_DEVICES"])
        cores = ProcessInfo.processInfo.activeProcessorCount
        memory = Int64(clamping: ProcessInfo.processInfo.physicalMemory)
    }

    /// Only these GPUs.
    package func restricted(toGPUs indices: [Int]) throws(LauncherError) -> Machine {
        var copy = self
        copy.gpus = []
        for index in indices {
            guard let gpu = gpus.first(where: { $0.index == index }) else {
                let known = gpus.map { String($0.index) }.joined(separator: ", ")
                throw LauncherError(
                    "no_such_gpu",
                    "this machine has no GPU \(index)"
                        + (gpus.isEmpty ? "; leave out --gpus" : "; it has \(known): choose among them with --gpus"))
            }
            if !copy.gpus.contains(gpu) { copy.gpus.append(gpu) }
        }
        return copy
    }

    /// `/proc/driver/nvidia/gpus/BUS/information`, else the device files. How much memory a card has they do not say.
    private static func gpusOfDriver(root: String) -> [GPU] {
        let folder = root + "/proc/driver/nvidia/gpus"
        let buses = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
        let found = buses.enumerated().map { position, bus in
            let text = try? String(contentsOfFile: "\(folder)/\(bus)/information", encoding: .utf8)
            var fields: [String: String] = [:]
            for line in (text ?? "").split(separator: "\n") {
                let parts = line.split(separator: ":", maxSplits: 1)
                guard parts.count == 2 else { continue }
                fields[String(parts[0])] = parts[1].trimmingCharacters(in: .whitespaces)
            }
            // In the order of the buses, which is that of CUDA_DEVICE_ORDER=PCI_BUS_ID.
            return GPU(index: position, uuid: fields["GPU UUID"], name: fields["Model"])
        }
        if !found.isEmpty { return found }
        let devices = (try? FileManager.default.contentsOfDirectory(atPath: root + "/dev")) ?? []
        return devices.compactMap { $0.hasPrefix("nvidia") ? Int($0.dropFirst(6)) : nil }.sorted()
            .map { GPU(index: $0) }
    }
}
