package import SweepScheduler

/// Recognises that a trainer ended for want of memory.
package enum OutOfMemory {
    /// What frameworks say last, in any case of letters.
    private static let ofGPU = [
        "cuda out of memory", "torch.outofmemoryerror", "cudnn_status_alloc_failed", "cublas_status_alloc_failed",
        "cuda_error_out_of_memory", "cudaerrormemoryallocation", "hip out of memory",
        "resource_exhausted: out of memory",
    ]
    private static let ofMain = [
        "std::bad_alloc", "memoryerror", "cannot allocate memory", "defaultcpuallocator: can't allocate",
    ]

    /// `tail` is the end of the attempt's output; `kills` says that the kernel has killed somebody here for want of
    /// memory while the trainer ran.
    package static func shortage(status: ProcessStatus, tail: String, kills: Bool) -> MemoryShortage? {
        switch status {
        case .running, .exited(code: 0): return nil
        // 137 is what a shell makes of signal 9.
        case .signalled(9), .exited(code: 137): if kills { return .main }
        case .exited, .signalled, .gone: break
        }
        let text = tail.lowercased()
        if ofGPU.contains(where: text.contains) { return .gpu }
        return ofMain.contains(where: text.contains) ? .main : nil
    }
}

/// How often the kernel has killed processes for want of memory.
package enum MemoryKills {
    /// By the control group of this process where it counts them, else by the whole machine. `root` is where `/proc`
    /// and `/sys` lie.
    package static func count(root: String = "") -> Int? {
        for line in lines(root + "/proc/self/cgroup") {
            // `0::/path` is version 2, `N:memory:/path` version 1.
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let path = fields[2] == "/" ? "" : String(fields[2])
            if fields[0] == "0", let count = number("oom_kill", root + "/sys/fs/cgroup\(path)/memory.events") {
                return count
            }
            if fields[1].split(separator: ",").contains("memory"),
                let count = number("oom_kill", root + "/sys/fs/cgroup/memory\(path)/memory.oom_control")
            {
                return count
            }
        }
        return number("oom_kill", root + "/proc/vmstat")
    }

    private static func number(_ key: String, _ path: String) -> Int? {
        for line in lines(path) where line.hasPrefix(key) {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == key { return Int(words[1]) }
        }
        return nil
    }

    private static func lines(_ path: String) -> [Substring] {
        SmallFile.text(path)?.split(separator: "\n") ?? []
    }
}
