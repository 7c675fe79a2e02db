package import Experiment

/// How a scheduler works; times in seconds.
package struct SchedulerOptions: Sendable {
    /// Trainers at a time.
    package var slots: Int
    /// This sweeper.
    package var me: ProcessIdentity
    package var home: SagaHome
    package var lease = 15.0
    package var heartbeat = 5.0
    /// Between two looks at time limits and leases.
    package var tick = 1.0
    /// Between two questions of an idle machine.
    package var idle = 0.5
    /// So many failures in a row close a slot: then the machine is broken rather than the configurations.
    package var failuresThatClose = 5
    /// What other sweeps have made stands for stages that would make the same.
    package var takesOver = true
    /// Failures after which a stage that has attempts left is started again.
    package var retries: @Sendable (FailureCause) -> Bool = { $0 != .settings && $0 != .cancelled }

    /// Seconds before a stage is started again after an attempt has failed, by the attempt's number; nil: at once.
    package var pause: @Sendable (Int, FailureCause) -> Double? = { _, _ in nil }

    package init(slots: Int, me: ProcessIdentity, home: SagaHome) {
        self.slots = slots
        self.me = me
        self.home = home
    }
}
