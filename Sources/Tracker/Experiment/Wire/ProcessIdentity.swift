/// A process that cannot be mistaken for a later one with the same pid.
package struct ProcessIdentity: Codable, Sendable, Hashable {
    package var host: String
    package var pid: Int32
    /// Field 22 of `/proc/PID/stat`: clock ticks since boot.
    package var startTicks: UInt64

    package init(host: String, pid: Int32, startTicks: UInt64) {
        self.host = host
        self.pid = pid
        self.startTicks = startTicks
    }
}
