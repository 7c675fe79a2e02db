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
    /// Between two looks at a trainer, and after the end of one until idle slots ask again.
    package var poll = 0.1
    /// Between two questions of an idle slot.
    package var idle = 0.5
    /// So many failures in a row close a slot: then the machine is broken rather than the configurations.
    package var failuresThatClose = 5
    /// While the run log is sent there are no heartbeats.
    package var uploadLease = 120.0

    package init(slots: Int, me: ProcessIdentity, home: SagaHome) {
        self.slots = slots
        self.me = me
        self.home = home
    }
}
