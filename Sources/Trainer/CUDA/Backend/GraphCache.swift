import Tensor

/// The graphs of works that were asked for before, by all that the works say: a graph is used for nothing else.
///
/// Works that are met for the first time get none: by being done once they load what a device loads late, and many
/// are never met again. Of more works than `limit` those are forgotten that were not asked for the longest.
struct GraphCache {
    var limit: Int
    private var entries: [[DeviceWork]: Entry] = [:]
    /// How often a graph was asked for.
    private var time = 0
    /// The device has refused to make one, and will again.
    private var isRefused = false

    private struct Entry {
        var graph: (any DeviceGraph)?
        var lastUse: Int
    }

    init(limit: Int) { self.limit = limit }

    /// Nil where the works are to be asked for one by one.
    mutating func graph(of works: [DeviceWork], on device: any KernelDevice) throws(TensorError) -> (any DeviceGraph)? {
        guard !isRefused, !works.isEmpty else { return nil }
        time += 1
        // Looked for once: a step is hundreds of works.
        guard let place = entries.index(forKey: works) else {
            if entries.count >= limit, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
                entries[oldest.key] = nil
            }
            entries[works] = Entry(graph: nil, lastUse: time)
            return nil
        }
        entries.values[place].lastUse = time
        if let made = entries.values[place].graph { return made }
        let graph = try device.graph(of: works)
        isRefused = graph == nil
        entries.values[place].graph = graph
        return graph
    }
}
