/// The state of a job, in any spelling that Slurm has for it.
package enum SlurmState: String, Sendable, Hashable, CaseIterable {
    case pending = "PENDING"
    case configuring = "CONFIGURING"
    case running = "RUNNING"
    case suspended = "SUSPENDED"
    case stopped = "STOPPED"
    case completing = "COMPLETING"
    case completed = "COMPLETED"
    case failed = "FAILED"
    case cancelled = "CANCELLED"
    case timeout = "TIMEOUT"
    case deadline = "DEADLINE"
    case outOfMemory = "OUT_OF_MEMORY"
    case nodeFail = "NODE_FAIL"
    case bootFail = "BOOT_FAIL"
    case preempted = "PREEMPTED"
    /// Its record is kept in another cluster of the federation.
    case revoked = "REVOKED"

    package enum Phase: Sendable, Hashable {
        case waiting
        case running
        case over
    }

    package var phase: Phase {
        switch self {
        case .pending, .configuring: .waiting
        // What completes may be requeued yet.
        case .running, .suspended, .stopped, .completing: .running
        default: .over
        }
    }

    /// `words`: one of `RUNNING`, `R`, `CANCELLED by 1000`, or base state and flags as newer JSON lists them. Nil when
    /// none of them is known.
    package init?(words: [String]) {
        let names = words.compactMap { word -> String? in
            let name = word.uppercased().prefix { $0.isLetter || $0 == "_" }
            return SlurmState.synonyms[String(name)] ?? String(name)
        }
        // Flags outrank the base state: a job that is CANCELLED and COMPLETING is not over, one that is requeued waits.
        if names.contains("COMPLETING") {
            self = .completing
        } else if let state = names.lazy.compactMap(SlurmState.init(rawValue:)).first {
            self = names.contains("REQUEUED") ? .pending : state
        } else {
            return nil
        }
    }

    private static let synonyms = [
        "PD": "PENDING", "CF": "CONFIGURING", "R": "RUNNING", "S": "SUSPENDED", "ST": "STOPPED", "CG": "COMPLETING",
        "CD": "COMPLETED", "F": "FAILED", "CA": "CANCELLED", "TO": "TIMEOUT", "DL": "DEADLINE", "OOM": "OUT_OF_MEMORY",
        "NF": "NODE_FAIL", "BF": "BOOT_FAIL", "PR": "PREEMPTED", "RV": "REVOKED",
        // Requeued in one way or another, and moments of a running job.
        "RQ": "PENDING", "RH": "PENDING", "RF": "PENDING", "SE": "PENDING", "RD": "PENDING", "REQUEUE_HOLD": "PENDING",
        "REQUEUE_FED": "PENDING", "SPECIAL_EXIT": "PENDING", "RESV_DEL_HOLD": "PENDING", "SO": "COMPLETING",
        "STAGE_OUT": "COMPLETING", "SI": "RUNNING", "SIGNALING": "RUNNING", "RS": "RUNNING", "RESIZING": "RUNNING",
        "CANCELED": "CANCELLED",
    ]
}
