package import Experiment
import Hummingbird
package import Logging
import NIOCore
package import TrackerStore
import UnixSignals

/// The tracker's HTTP server.
package struct TrackerServer: Sendable {
    private let store: TrackerStore
    private let files: FileStore
    private let host: String
    private let port: Int
    private let logger: Logger

    /// Refuses a host that is not the machine's own: there is no authentication yet, so whoever reaches the server may
    /// do anything with it. Port 0 takes any free one.
    package init(
        store: TrackerStore, home: SagaHome, host: String = "127.0.0.1", port: Int, logger: Logger
    ) throws(ServerError) {
        guard LoopbackGuard.isLoopback(host) else { throw .notLoopback(host) }
        guard (0...65535).contains(port) else { throw .badPort(port) }
        self.store = store
        files = FileStore(root: home.files)
        self.host = host
        self.port = port
        self.logger = logger
    }

    /// Serves until the task is cancelled or, with `stopsOnSignals`, SIGTERM or SIGINT comes; open requests are
    /// finished first. `onListening` gets the server's URL once requests are answered.
    package func run(
        stopsOnSignals: Bool, onListening: @escaping @Sendable (_ url: String) -> Void
    ) async throws {
        let name = host.contains(":") ? "[\(host)]" : host
        let application = Application(
            responder: router().buildResponder(),
            server: .http1(configuration: .init(idleTimeout: .seconds(75))),
            configuration: .init(address: .hostname(host, port: port)),
            onServerRunning: { channel in onListening("http://\(name):\(channel.localAddress?.port ?? port)") },
            logger: logger)
        do {
            try await application.runService(gracefulShutdownSignals: stopsOnSignals ? [.sigterm, .sigint] : [])
        } catch let error as IOError {
            throw ServerError.cannotListen(host: host, port: port, errno: error.errnoCode)
        }
    }

    private func router() -> Router<TrackerRequestContext> {
        let router = Router(context: TrackerRequestContext.self)
        router.addMiddleware {
            ErrorMiddleware()
            LoopbackMiddleware()
        }
        HealthRoutes().add(to: router)
        let api = router.group("/api/v1")
        RunRoutes(store: store).add(to: api)
        FileRoutes(files: files).add(to: api)
        SweepRoutes(store: store).add(to: api)
        GraphQLRoutes(store: store).add(to: router)
        return router
    }
}
