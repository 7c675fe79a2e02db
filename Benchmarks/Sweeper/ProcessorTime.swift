import Foundation

/// Seconds of processor time that processes have taken, by `/proc`.
enum ProcessorTime {
    private struct Stat {
        var parent: pid_t
        /// Of its own threads.
        var own: Double
        /// Of children that have ended and were waited for.
        var children: Double
    }

    static func of(_ process: pid_t) -> Double? { stat(process)?.own }

    /// Of a process, its children and those that were.
    static func ofFamily(_ parent: pid_t) -> Double {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        let children = entries.compactMap { pid_t($0) }.compactMap(stat).filter { $0.parent == parent }
        let head = stat(parent)
        return children.reduce((head?.own ?? 0) + (head?.children ?? 0)) { $0 + $1.own }
    }

    private static func stat(_ process: pid_t) -> Stat? {
        guard let data = FileManager.default.contents(atPath: "/proc/\(process)/stat") else { return nil }
        let text = String(decoding: data, as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return nil }
        // From field 3 on (proc(5)): the parent is field 4, times are fields 14 to 17.
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 14, let parent = pid_t(fields[1]) else { return nil }
        let ticks = fields[11...14].map { Double($0) ?? 0 }
        let second = Double(sysconf(Int32(_SC_CLK_TCK)))
        return Stat(parent: parent, own: (ticks[0] + ticks[1]) / second, children: (ticks[2] + ticks[3]) / second)
    }
}
