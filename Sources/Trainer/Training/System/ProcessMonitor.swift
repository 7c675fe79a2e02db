import Glibc

/// How this process and its machine are doing, under W&B's names, from `/proc`.
package struct ProcessMonitor {
    private let root: String
    private let ticksPerSecond = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
    private let processors = Double(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    /// Ticks that the process had used at the last look.
    private var last: (time: ContinuousClock.Instant, ticks: Double)?

    private static let megabyte = 1_048_576.0

    /// `root` is where `/proc` lies.
    package init(root: String = "") { self.root = root }

    /// As `system.cpu`, in percent of all processors since the look before.
    package mutating func values(now: ContinuousClock.Instant = .now) -> [String: Double] {
        var values: [String: Double] = [:]
        let machine = text("/proc/meminfo")
        let total = memory("MemTotal", in: machine)
        // Past the program's name, which may hold anything: state is the first word.
        let words = text("/proc/self/stat").split(separator: ")").last.map { $0.split(separator: " ") } ?? []
        if words.count > 21, let user = Double(words[11]), let system = Double(words[12]) {
            if let last {
                let seconds = max((now - last.time) / .seconds(1), 1e-3)
                values["system.cpu"] = (user + system - last.ticks) / ticksPerSecond / seconds / processors * 100
            }
            last = (now, user + system)
            values["system.proc.cpu.threads"] = Double(words[17])
            if let pages = Double(words[21]) {
                let bytes = pages * Double(sysconf(Int32(_SC_PAGESIZE)))
                values["system.proc.memory.rssMB"] = bytes / ProcessMonitor.megabyte
                if let total { values["system.proc.memory.percent"] = bytes / total * 100 }
            }
        }
        if let total, let available = memory("MemAvailable", in: machine), total > 0 {
            values["system.proc.memory.availableMB"] = available / ProcessMonitor.megabyte
            values["system.memory_percent"] = (total - available) / total * 100
        }
        return values
    }

    /// Bytes.
    private func memory(_ name: String, in machine: String) -> Double? {
        for line in machine.split(separator: "\n") where line.hasPrefix(name + ":") {
            return line.split(separator: " ").dropFirst().first.flatMap { Double($0) }.map { $0 * 1024 }
        }
        return nil
    }

    private func text(_ path: String) -> String {
        guard let file = fopen(root + path, "re") else { return "" }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 14)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
