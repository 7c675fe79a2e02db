import Experiment

/// Why Slurm did not do what it was asked.
package struct SlurmError: UserFacingError, Hashable {
    package enum Kind: Sendable {
        /// Its controller does not answer, or not now: whether it did what it was asked is unknown.
        case away
        /// It said no, and nothing was done: asking again will not help.
        case refused
        /// A limit on submissions is reached: asking again later will help.
        case full
        /// The command is not there, or not of a version that can do this.
        case missing
    }

    package let kind: Kind
    package let code: String
    package let description: String

    init(_ kind: Kind, _ code: String, _ description: String) {
        self.kind = kind
        self.code = code
        self.description = description
    }

    /// Reads what a command of Slurm said as it failed.
    package init(command: String, exitCode: Int32, errors: String) {
        let said = SlurmError.sentence(errors)
        let words = said.lowercased()
        func says(_ phrases: [String]) -> Bool { phrases.contains { words.contains($0) } }
        if says(SlurmError.absence) || said.isEmpty {
            self.init(.away, "slurm_away", said.isEmpty ? "\(command) ended with exit code \(exitCode)" : said)
        } else if says(["accounting/qos policy", "submit limit", "maxsubmit", "too many jobs", "maxjobcount"]) {
            self.init(.full, "slurm_full", said)
        } else if says(["accounting storage is disabled", "unrecognized option", "invalid option", "no serializer"])
            || says(["unknown serializer", "plugin_load", "invalid job format", "not find plugin"])
        {
            self.init(.missing, "slurm_unsupported", said)
        } else {
            self.init(.refused, "slurm_refused", "Slurm says: \(said)\(SlurmError.advice(words))")
        }
    }

    private static let absence = [
        "unable to contact slurm controller", "socket timed out", "connection refused", "connection timed out",
        "zero bytes were transmitted", "unexpected missing socket", "communication connection failure",
        "slurm backup controller", "temporarily unable", "resource temporarily unavailable", "unable to connect",
        "transport endpoint", "slurmdbd: sending", "munge", "authentication", "error receiving",
    ]

    /// The last line that says something: the ones before tell what led to it.
    private static func sentence(_ errors: String) -> String {
        let lines = errors.split(whereSeparator: \.isNewline).map(String.init)
        let telling = lines.last { $0.contains("failed:") || $0.contains("failure:") } ?? lines.last ?? ""
        let first = lines.first { $0.contains("error:") && $0 != telling }
        return [first, telling].compactMap { $0.map(SlurmError.trimmed) }.joined(separator: "; ")
    }

    private static func trimmed(_ line: String) -> String {
        var rest = Substring(line)
        for prefix in ["sbatch: ", "squeue: ", "sacct: ", "scontrol: ", "scancel: ", "error: ", "fatal: "]
        where rest.hasPrefix(prefix) { rest = rest.dropFirst(prefix.count) }
        return String(rest.prefix(400))
    }

    private static func advice(_ words: String) -> String {
        let table = [
            ("partition", "; name another with --partition ('sinfo -s' lists them)"),
            ("account", "; name another with --account ('sacctmgr show associations user=$USER' lists them)"),
            ("qos", "; name another with --qos ('sacctmgr show qos' lists them)"),
            ("reservation", "; name another with --reservation ('scontrol show reservations' lists them)"),
            ("array", "; the cluster allows smaller arrays only ('scontrol show config' has MaxArraySize)"),
            ("memory", "; no node has so much: lower 'memory' of 'resources'"),
            ("time limit", "; lower 'time' of 'resources'"),
            ("gres", "; no node has these GPUs ('sinfo -o %G' lists them): change 'gpus' of 'resources' or --gpu-type"),
            ("node configuration", "; no node has so much: lower 'gpus', 'memory' or 'cpus' of 'resources'"),
            ("cpu count", "; no node has so many: lower 'cpus' of 'resources'"),
        ]
        return table.first { words.contains($0.0) }?.1 ?? ""
    }
}
