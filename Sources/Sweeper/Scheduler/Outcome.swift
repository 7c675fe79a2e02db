package import Experiment

/// What the end of a trainer means for its stage.
package enum Outcome: Sendable, Hashable {
    case succeeded
    /// `retry` gives the stage back. `blamesNode` says that the machine may be at fault, not the configuration.
    case failed(message: String, retry: Bool, blamesNode: Bool)
}

extension Outcome {
    /// Exit codes by which a trainer says that its settings are wrong: starting it again cannot help.
    /// 64 is `EX_USAGE`, which the argument parser exits with.
    static let settingsErrors: Set<Int32> = [2, 64]

    /// Decides by the trainer's own result where it left one for this attempt, else by how its process ended.
    package init(claim: StageClaim, status: ProcessStatus, result: StageResult?) {
        let result = result.flatMap { $0.attempt == claim.attempt ? $0 : nil }
        if result?.state == .finished {
            self = .succeeded
            return
        }
        let code: Int32? =
            if let result { result.exitCode } else if case .exited(let code) = status { code } else { nil }
        let settings = code.map(Outcome.settingsErrors.contains) ?? false
        let reason = result?.message ?? Outcome.reason(status, directory: claim.directory)
        self = .failed(
            message: reason, retry: !settings && claim.attempt < claim.maximumAttempts, blamesNode: !settings)
    }

    private static func reason(_ status: ProcessStatus, directory: String?) -> String {
        let log = directory.map { "; see \($0)/output.log" } ?? ""
        return switch status {
        case .exited(let code): "the trainer ended with exit code \(code) and left no result\(log)"
        case .signalled(let signal): "the trainer was killed by signal \(signal)\(log)"
        case .gone, .running: "the trainer vanished without a result\(log)"
        }
    }
}
