package import Experiment
import Foundation

/// What `/proc` tells about processes.
package enum ProcessTable {
    /// This machine, as process identities name it.
    package static let host = ProcessInfo.processInfo.hostName

    /// The fields of `/proc/PID/stat` that tell whether a process is still the one that it was.
    package struct Stat: Sendable, Hashable {
        /// `R`, `S`, ... and `Z` for one that has ended and waits for its parent to notice.
        package var state: Character
        /// Clock ticks from boot to its start.
        package var startTicks: UInt64
        /// Of the process that leads its session.
        package var session: Int32
        /// It has no program and never gets one.
        package var isKernelThread: Bool

        /// The second field, the command's name, stands in parentheses and may itself hold spaces and parentheses:
        /// fields are counted from the last one.
        package init?(_ text: String) {
            guard let end = text.lastIndex(of: ")") else { return nil }
            let fields = text[text.index(after: end)...].split(whereSeparator: \.isWhitespace)
            // `state` is field 3 of the file, `session` 6, `flags` 9 and `starttime` 22 (proc(5)).
            guard fields.count > 19, let state = fields[0].first, let session = Int32(fields[3]),
                let flags = UInt64(fields[6]), let ticks = UInt64(fields[19])
            else { return nil }
            self.state = state
            self.session = session
            // PF_KTHREAD of linux/sched.h.
            isKernelThread = flags & 0x0020_0000 != 0
            startTicks = ticks
        }

        package var hasEnded: Bool { state == "Z" || state == "X" }
    }

    package static func stat(_ pid: Int32) -> Stat? {
        read("/proc/\(pid)/stat").flatMap { Stat(String(decoding: $0, as: UTF8.self)) }
    }

    /// Nil when there is no such process.
    package static func identity(_ pid: Int32) -> ProcessIdentity? {
        stat(pid).map { ProcessIdentity(host: host, pid: pid, startTicks: $0.startTicks) }
    }

    package static func current() -> ProcessIdentity {
        let pid = ProcessInfo.processInfo.processIdentifier
        return identity(pid) ?? ProcessIdentity(host: host, pid: pid, startTicks: 0)
    }

    /// Whether the very process runs still; one that waits to be reaped does not.
    package static func isAlive(_ process: ProcessIdentity) -> Bool {
        guard process.host == host, let stat = stat(process.pid) else { return false }
        return stat.startTicks == process.startTicks && !stat.hasEnded
    }

    /// Seconds since the very process was started, by the clock that counts from boot; nil when it is no more.
    package static func age(of process: ProcessIdentity) -> Double? {
        guard process.host == host, let stat = stat(process.pid), stat.startTicks == process.startTicks else {
            return nil
        }
        var now = timespec()
        guard clock_gettime(CLOCK_BOOTTIME, &now) == 0 else { return nil }
        let uptime = Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
        return max(0, uptime - Double(stat.startTicks) / Double(sysconf(Int32(_SC_CLK_TCK))))
    }

    /// A living process that has `argument` among its arguments; if there are several, one that leads its session, as all
    /// do that launchers start.
    ///
    /// The others may be its helpers, or copies that it has made of itself to start another program. Whoever is just being
    /// started has no arguments: while there is such a process it looks again, 0.1 s at most.
    package static func find(argument: String) -> ProcessIdentity? {
        let own = ProcessInfo.processInfo.processIdentifier
        for _ in 0..<50 {
            let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
            var other: ProcessIdentity?
            var isUnsure = false
            for pid in entries.lazy.compactMap({ Int32($0) }) where pid != own {
                let arguments = arguments(pid)
                guard arguments.isEmpty || arguments.contains(argument), let stat = stat(pid), !stat.hasEnded else {
                    continue
                }
                guard !arguments.isEmpty else {
                    if !stat.isKernelThread { isUnsure = true }
                    continue
                }
                let process = ProcessIdentity(host: host, pid: pid, startTicks: stat.startTicks)
                if stat.session == pid { return process }
                other = other ?? process
            }
            guard other == nil, isUnsure else { return other }
            usleep(2000)
        }
        return nil
    }

    private static func arguments(_ pid: Int32) -> [String] {
        (read("/proc/\(pid)/cmdline") ?? Data()).split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func read(_ path: String) -> Data? { FileManager.default.contents(atPath: path) }
}
