import Experiment
import Foundation

/// A trainer and all that it has started: it leads a session and a group of its own.
enum ProcessGroup {
    /// Asks all to end; after `grace` what is left is killed.
    static func terminate(_ leader: ProcessIdentity, grace: Duration) {
        guard ProcessTable.isAlive(leader) else { return }
        kill(-leader.pid, SIGTERM)
        // A stopped process hears nothing but this.
        kill(-leader.pid, SIGCONT)
        Task.detached {
            try await Task.sleep(for: grace)
            // The leader may be gone while something it started holds on to a GPU.
            if isLeft(leader) { kill(-leader.pid, SIGKILL) }
        }
    }

    /// The leader has ended: waits for what it has left behind, and kills what does not end by itself.
    static func clear(_ leader: ProcessIdentity, linger: Duration) async {
        let deadline = ContinuousClock.now + linger
        while isLeft(leader) {
            if ContinuousClock.now >= deadline {
                kill(-leader.pid, SIGKILL)
                return
            }
            try? await Task.sleep(for: .milliseconds(50))
            if Task.isCancelled { return }
        }
    }

    /// A pid is not given to another process while its group has members; a leader that is another process than ours
    /// has a group of its own.
    private static func isLeft(_ leader: ProcessIdentity) -> Bool {
        guard kill(-leader.pid, 0) == 0 else { return false }
        guard let now = ProcessTable.identity(leader.pid) else { return true }
        return now == leader
    }
}
