/// A GPU of this machine.
package struct GPU: Codable, Sendable, Hashable {
    /// As the driver counts them.
    package var index: Int
    package var uuid: String?
    package var name: String?
    /// Bytes in all; nil where only the driver's files tell of it.
    package var memory: Int64?
    /// How `CUDA_VISIBLE_DEVICES` names it.
    package var visibleName: String

    package init(index: Int, uuid: String? = nil, name: String? = nil, memory: Int64? = nil, visibleName: String? = nil)
    {
        self.index = index
        self.uuid = uuid
        self.name = name
        self.memory = memory
        self.visibleName = visibleName ?? String(index)
    }
}

extension GPU {
    /// The GPUs that `CUDA_VISIBLE_DEVICES` leaves, as CUDA reads it: indices or beginnings of UUIDs, and what follows
    /// a name that is none is not seen.
    package static func visible(_ gpus: [GPU], variable: String?) -> [GPU] {
        guard let variable else { return gpus }
        var result: [GPU] = []
        for word in variable.split(separator: ",") {
            let word = word.trimmingSpaces
            let match =
                if let index = Int(word) {
                    gpus.first { $0.index == index }
                } else {
                    // `MIG-...` names a part of a GPU; NVML's list of whole ones does not have it.
                    word.hasPrefix("MIG-")
                        ? GPU(index: result.count, uuid: String(word))
                        : gpus.first { $0.uuid?.hasPrefix(word) == true && !word.isEmpty }
                }
            guard var gpu = match, !result.contains(where: { $0.uuid == gpu.uuid && $0.index == gpu.index }) else {
                break
            }
            gpu.visibleName = String(word)
            result.append(gpu)
        }
        return result
    }
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        let start = drop { $0.isWhitespace }
        return start.lastIndex { !$0.isWhitespace }.map { start[...$0] } ?? start[start.startIndex..<start.startIndex]
    }
}
