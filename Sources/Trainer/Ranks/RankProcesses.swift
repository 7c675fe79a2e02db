import Experiment
import FoundationEssentials
import Glibc
import Synchronization
import Tensor

/// The ranks that the first one has started on its machine: this program again, with the same arguments.
final class RankProcesses: Sendable {
    private struct Child {
        let rank: Int
        let pid: pid_t
        /// As `waitpid` gives it.
        var status: Int32?
    }

    private let children: Mutex<[Child]>

    /// Seconds that ranks have to end when the first is done.
    private static let patience = 15

    /// Starts ranks 1 and up.
    init(ranks: Int, meeting: RankMeeting) throws(RankError) {
        let word = (try? JSONCoding.encode(meeting)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        var environment = ProcessInfo.processInfo.environment
        environment[RankPlan.ranksVariable] = String(ranks)
        environment[RankPlan.meetingVariable] = word
        var started: [Child] = []
        for rank in 1..<ranks {
            environment[RankPlan.rankVariable] = String(rank)
            var pid = pid_t()
            let status = RankProcesses.spawn(&pid, environment.map { "\($0.key)=\($0.value)" })
            guard status == 0 else {
                for child in started { kill(child.pid, SIGKILL) }
                throw RankError(
                    .missingRank, "rank \(rank) cannot be started: \(String(cString: strerror(status)))")
            }
            started.append(Child(rank: rank, pid: pid))
        }
        children = Mutex(started)
    }

    private static func spawn(_ pid: inout pid_t, _ environment: [String]) -> Int32 {
        let arguments: [UnsafeMutablePointer<CChar>?] = CommandLine.arguments.map { strdup($0) } + [nil]
        let variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { for word in arguments + variables { free(word) } }
        return posix_spawn(&pid, "/proc/self/exe", nil, nil, arguments, variables)
    }

    /// Throws when one has ended already, which makes waiting for it useless.
    func checkAlive() throws(RankError) {
        collect()
        let gone = children.withLock { $0.first { $0.status != nil } }
        guard let gone, let fate = fate(of: gone.rank) else { return }
        throw RankError(
            .missingRank, "rank \(gone.rank) (process \(gone.pid)) \(fate) before it could begin",
            isWorthRetrying: false)
    }

    /// How this rank has ended, as the rest of a sentence; nil if it has not within half a second.
    func fate(of rank: Int) -> String? {
        for _ in 0..<50 {
            collect()
            if let status = children.withLock({ $0.first { $0.rank == rank }?.status }) {
                let signal = status & 0x7f
                return signal == 0 ? "has ended with code \(status >> 8 & 0xff)" : "was killed by signal \(signal)"
            }
            usleep(10_000)
        }
        return nil
    }

    /// For ranks that have nobody to join.
    func end() {
        for child in children.withLock({ $0 }) where child.status == nil { kill(child.pid, SIGKILL) }
        wait()
    }

    /// Waits until all have ended, and kills what does not.
    func wait() {
        for turn in 0... {
            collect()
            let left = children.withLock { $0.filter { $0.status == nil }.map(\.pid) }
            if left.isEmpty { return }
            if turn == RankProcesses.patience * 100 { for pid in left { kill(pid, SIGKILL) } }
            usleep(10_000)
        }
    }

    private func collect() {
        children.withLock { children in
            for index in children.indices where children[index].status == nil {
                var status: Int32 = 0
                if waitpid(children[index].pid, &status, WNOHANG) == children[index].pid {
                    children[index].status = status
                }
            }
        }
    }
}
