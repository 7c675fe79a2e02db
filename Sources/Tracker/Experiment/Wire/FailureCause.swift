/// What ended an attempt, as far as it can be told: decides whether and where the stage is started again.
package enum FailureCause: String, Codable, Sendable, CaseIterable {
    /// The GPU or the machine had too little memory.
    case outOfMemory = "out_of_memory"
    /// The batch system took the machine away; costs no attempt.
    case preempted
    /// The machine went down; costs no attempt.
    case nodeFailure = "node_failure"
    case timeLimit = "time_limit"
    /// A person ended it.
    case cancelled
    /// The settings are wrong: starting again cannot help.
    case settings
    /// The program failed by itself.
    case program
    /// It could not be started at all.
    case launch
    /// It vanished without a trace.
    case lost
}
