/// How much of the server one may have.
package struct ServerLimits: Sendable, Hashable {
    /// Connections open at once; further ones wait to be accepted.
    package var connections = 2000
    /// Clients that follow events at once.
    package var followers = 256
    /// Seconds after which a connection without a request, or with half a head, is closed.
    package var idleSeconds = 60
    /// Seconds that a request with a body may take, beside those for its length.
    package var bodySeconds = 30
    /// The slowest client that is served.
    package var slowestBytesPerSecond = 64 << 10
    /// Bytes that are reckoned with where a request does not tell its length.
    package var longestBody = 64 << 20

    package init() {}
}
