package import Experiment

/// How jobs are submitted, whatever they do; times in seconds.
package struct SlurmOptions: Sendable, Hashable {
    package var partition: String?
    package var account: String?
    package var qos: String?
    package var reservation: String?
    package var constraint: String?
    /// Type of GPU, as `a100`.
    package var gpuType: String?
    /// Jobs that run at the same time at most.
    package var ceiling: Int
    /// So long before its time limit a job is told to save its state and requeues itself.
    package var lead: Int

    /// Further options of `sbatch`, each a word.
    package var extra: [String]

    package static let defaultLead = 120
    package static let defaultCeiling = 64

    package init(
        partition: String? = nil, account: String? = nil, qos: String? = nil, reservation: String? = nil,
        constraint: String? = nil, gpuType: String? = nil, ceiling: Int = SlurmOptions.defaultCeiling,
        lead: Int = SlurmOptions.defaultLead,
        extra: [String] = []
    ) throws(SlurmError) {
        self.partition = partition
        self.account = account
        self.qos = qos
        self.reservation = reservation
        self.constraint = constraint
        self.gpuType = gpuType
        self.ceiling = ceiling
        self.lead = lead
        self.extra = extra
        try check()
    }

    /// Names reach command lines: what does not look like a name of Slurm's is refused before anything is submitted.
    private func check() throws(SlurmError) {
        let names = [
            ("partition", partition, ",._+-"), ("account", account, "._+@-"), ("qos", qos, "._+@-"),
            ("reservation", reservation, ",._+-"), ("constraint", constraint, "&|()[]*,._+-"),
            ("gpu type", gpuType, "._+-"),
        ]
        for (what, name, punctuation) in names {
            guard let name else { continue }
            let isName = name.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil)
                    || punctuation.unicodeScalars.contains($0)
            }
            guard isName, (1...256).contains(name.utf8.count), name.first != "-" else {
                throw SlurmError(
                    .refused, "bad_name",
                    "'\(name)' is no \(what) of Slurm: letters, digits and \(punctuation) make one, '-' not first")
            }
        }
        guard (1...100_000).contains(ceiling) else {
            throw SlurmError(.refused, "bad_ceiling", "the ceiling of jobs is from 1 to 100000, not \(ceiling)")
        }
        guard (1...65535).contains(lead) else {
            throw SlurmError(
                .refused, "bad_lead", "the lead before the time limit is from 1 to 65535 seconds, not \(lead)")
        }
    }

    /// What `sbatch` is told of one task, `--array` and names apart.
    package func arguments(for resources: StageResources) -> [String] {
        var arguments: [String] = []
        func add(_ option: String, _ value: String?) { if let value { arguments.append("--\(option)=\(value)") } }
        add("partition", partition)
        add("account", account)
        add("qos", qos)
        add("reservation", reservation)
        add("constraint", constraint)
        if let gpus = resources.gpus, gpus > 0 {
            add("gres", "gpu:" + (gpuType.map { $0 + ":" } ?? "") + String(gpus))
        }
        add("cpus-per-task", resources.cpus.map(String.init))
        // Slurm counts in MiB and takes 0 for all there is.
        add("mem", resources.memory.map { "\(max(1, ($0 + (1 << 20) - 1) >> 20))M" })
        if let time = resources.time { add("time", String(max(1, (time + 59) / 60))) }
        // A limit that is nearer than the lead would end the job as it starts.
        let lead = resources.time.map { min(self.lead, max(1, $0 / 2)) } ?? self.lead
        add("signal", "B:USR1@\(lead)")
        return arguments + extra
    }
}
