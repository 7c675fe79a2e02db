/// A job of a batch system, in the place of a process: the same from every machine that sees the batch system.
package struct BatchJob: Codable, Sendable, Hashable {
    /// `slurm`.
    package var system: String
    package var cluster: String?
    /// As the batch system writes it, `1234` or `1234_5` for a task of an array.
    package var id: String
    /// How often the batch system has started it again.
    package var restarts: Int

    package init(system: String, cluster: String? = nil, id: String, restarts: Int = 0) {
        self.system = system
        self.cluster = cluster
        self.id = id
        self.restarts = restarts
    }
}
