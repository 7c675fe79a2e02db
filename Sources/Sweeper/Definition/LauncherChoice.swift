import Experiment

/// Where the stages of a sweep run: `launcher: local`, or `{type: slurm, partition: gpu, ...}`.
package enum LauncherChoice: Sendable, Hashable {
    /// Slots of the machine that `sweeper run` is started on.
    case local
    case slurm(Slurm)

    /// What is asked of Slurm for every job; each is left to the cluster's defaults where it is nil.
    package struct Slurm: Sendable, Hashable {
        package var partition: String?
        package var account: String?
        package var qos: String?
        package var reservation: String?
        package var constraint: String?
        /// Type of GPU, as `a100`.
        package var gpuType: String?
        /// Jobs that run at the same time at most.
        package var ceiling: Int?
        /// Seconds before the time limit at which a job is told to save its state and requeue itself.
        package var signalLead: Int?
        /// Further options of `sbatch`, as `--exclusive` or `--mail-type=END`.
        package var options: [String]

        package init(
            partition: String? = nil, account: String? = nil, qos: String? = nil, reservation: String? = nil,
            constraint: String? = nil, gpuType: String? = nil, ceiling: Int? = nil, signalLead: Int? = nil,
            options: [String] = []
        ) {
            self.partition = partition
            self.account = account
            self.qos = qos
            self.reservation = reservation
            self.constraint = constraint
            self.gpuType = gpuType
            self.ceiling = ceiling
            self.signalLead = signalLead
            self.options = options
        }
    }
}

extension LauncherChoice {
    private static let types = ["local", "slurm"]

    init(_ value: YAMLValue) throws {
        if case .scalar(.string(let word)) = value.content {
            guard LauncherChoice.types.contains(word) else {
                throw SweepDefinitionError(
                    .invalidValue, at: value.position,
                    "'launcher' must be one of local, slurm, not '\(word.prefix(60))'"
                        + didYouMean(word, among: LauncherChoice.types))
            }
            self = word == "slurm" ? .slurm(Slurm()) : .local
            return
        }
        let reader = try MappingReader(value, subject: "'launcher'", keys: ["type"] + Slurm.keys)
        _ = try reader.required("type", hint: "local or slurm")
        guard try reader.word("type", of: LauncherChoice.types) == "slurm" else {
            if let other = Slurm.keys.first(where: reader.has) {
                throw SweepDefinitionError(
                    .unknownKey, at: reader.keyPosition(other),
                    "'\(other)' of 'launcher' is for Slurm; write 'type: slurm' or leave it out")
            }
            self = .local
            return
        }
        self = .slurm(try Slurm(reader))
    }
}

extension LauncherChoice.Slurm {
    static let keys = [
        "partition", "account", "qos", "reservation", "constraint", "gpu_type", "array_ceiling", "signal_lead",
        "options",
    ]
    /// What the launcher decides itself: another value would break how it finds and resumes its jobs.
    private static let reserved = [
        "array", "job-name", "comment", "signal", "requeue", "no-requeue", "output", "error", "open-mode", "wrap",
        "parsable", "dependency", "export", "chdir", "time", "mem", "cpus-per-task", "gres", "gpus", "partition",
        "account", "qos", "reservation", "constraint",
    ]

    init(_ reader: MappingReader) throws {
        self.init(
            partition: try Self.name(reader, "partition", and: ",._+-"),
            account: try Self.name(reader, "account", and: "._+@-"), qos: try Self.name(reader, "qos", and: "._+@-"),
            reservation: try Self.name(reader, "reservation", and: ",._+-"),
            constraint: try Self.name(reader, "constraint", and: "&|()[]*,._+-"),
            gpuType: try Self.name(reader, "gpu_type", and: "._+-"), ceiling: try reader.positiveInt("array_ceiling"),
            signalLead: try reader.seconds("signal_lead"), options: try Self.options(reader))
        if let ceiling, ceiling > 100_000 {
            throw SweepDefinitionError(
                .invalidValue, at: reader.keyPosition("array_ceiling"),
                "'array_ceiling' of 'launcher' is at most 100000")
        }
        if let signalLead, signalLead > 65535 {
            throw SweepDefinitionError(
                .invalidValue, at: reader.keyPosition("signal_lead"),
                "'signal_lead' of 'launcher' is at most 65535 seconds")
        }
    }

    /// Names reach command lines, so only what looks like one of Slurm's passes.
    private static func name(_ reader: MappingReader, _ key: String, and punctuation: String) throws -> String? {
        guard let text = try reader.string(key), let value = reader.value(key) else { return nil }
        guard text.utf8.count <= 256, text.first != "-",
            text.unicodeScalars.allSatisfy({ $0.isWordOfASCII || punctuation.unicodeScalars.contains($0) })
        else {
            throw SweepDefinitionError(
                .invalidValue, at: value.position,
                "'\(key)' of 'launcher' is made of letters, digits and \(punctuation), '-' not first")
        }
        return text
    }

    /// Long options only, each a text of its own: `--name` or `--name=value`.
    private static func options(_ reader: MappingReader) throws -> [String] {
        try (reader.list("options") ?? []).map { item in
            guard case .scalar(.string(let text)) = item.content, text.hasPrefix("--"), text.utf8.count <= 512,
                text.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 })
            else {
                throw SweepDefinitionError(
                    .invalidValue, at: item.position,
                    "'options' of 'launcher' lists long options of sbatch, as --exclusive or --mail-type=END, "
                        + "not \(item.spoken)")
            }
            let name = text.dropFirst(2).prefix { $0 != "=" }
            guard let first = name.unicodeScalars.first, first != "-",
                name.unicodeScalars.allSatisfy({ $0.isWordOfASCII || $0 == "-" })
            else {
                throw SweepDefinitionError(
                    .invalidValue, at: item.position, "'--\(name.prefix(60))' of 'launcher' is no option of sbatch")
            }
            guard !reserved.contains(String(name)) else {
                throw SweepDefinitionError(
                    .invalidValue, at: item.position,
                    "'--\(name)' is set by the launcher itself; use the keys of 'launcher' and 'resources'")
            }
            return text
        }
    }
}

extension Unicode.Scalar {
    fileprivate var isWordOfASCII: Bool {
        switch self {
        case "a"..."z", "A"..."Z", "0"..."9": true
        default: false
        }
    }
}
