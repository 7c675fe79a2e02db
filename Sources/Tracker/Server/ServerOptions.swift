/// How the server is reached, and by whom.
package struct ServerOptions: Sendable, Hashable {
    package var host = "127.0.0.1"
    /// 0 takes any free one.
    package var port: Int
    /// Whether every request needs a token; required for a host that is not the machine's own.
    package var requiresTokens = false
    /// Names beside the machine's own that clients may call the server by.
    package var allowedHosts: [String] = []
    /// Seconds of silence after which a run whose client promised to be heard of has crashed.
    package var crashSeconds = 300.0
    package var limits = ServerLimits()

    package init(port: Int) { self.port = port }

    func check() throws(ServerError) {
        guard HostGuard.isLoopback(host) || requiresTokens else { throw .notLoopback(host) }
        guard (0...65535).contains(port) else { throw .badPort(port) }
    }
}
