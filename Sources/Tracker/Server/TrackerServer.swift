package import Experiment
import HTTPTypes
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
package import TrackerStore
import UnixSignals

/// The tracker's HTTP server.
package struct TrackerServer: Sendable {
    private let store: TrackerStore
    private let files: FileStore
    private let blobs: BlobStore
    private let options: ServerOptions
    private let metrics = ServerMetrics()
    private let searches = TrialSearches()
    private let logger: Logger

    /// Refuses a host that is not the machine's own unless tokens are required: whoever reaches a server without them
    /// may do anything with it.
    package init(
        store: TrackerStore, home: SagaHome, options: ServerOptions, logger: Logger
    ) throws(ServerError) {
        try options.check()
        self.store = store
        files = FileStore(root: home.files)
        blobs = try BlobStore(home: home)
        self.options = options
        self.logger = logger
    }

    /// Serves until the task is cancelled or, with `stopsOnSignals`, SIGTERM or SIGINT comes; open requests are
    /// finished first. `onListening` gets the server's URL once requests are answered.
    package func run(
        stopsOnSignals: Bool, onListening: @escaping @Sendable (_ url: String) -> Void
    ) async throws {
        let (host, port) = (options.host, options.port)
        let name = host.contains(":") ? "[\(host)]" : host
        var application = Application(
            responder: router().buildResponder(),
            server: .http1(configuration: .init(idleTimeout: .seconds(Int64(options.limits.idleSeconds)))),
            configuration: .init(
                address: .hostname(host, port: port),
                availableConnectionsDelegate: MaximumAvailableConnections(options.limits.connections)),
            services: [VanishedRunWatch(store: store, patience: options.crashSeconds, logger: logger)],
            onServerRunning: { channel in onListening("http://\(name):\(channel.localAddress?.port ?? port)") },
            logger: logger)
        application.addServices(CompactionService(compactor: Compactor(store: store), logger: logger))
        do {
            try await application.runService(gracefulShutdownSignals: stopsOnSignals ? [.sigterm, .sigint] : [])
        } catch let error as IOError {
            throw ServerError.cannotListen(host: host, port: port, errno: error.errnoCode)
        }
    }

    /// Every route that the server has, as `GET /api/v1/runs/{run}`.
    var routes: [String] {
        router().routes.map { route in
            let path = "\(route.path)"
            return "\(route.method.rawValue) \(path.hasPrefix("/") ? path : "/" + path)"
        }
    }

    private func router() -> Router<TrackerRequestContext> {
        let router = Router(context: TrackerRequestContext.self)
        router.addMiddleware {
            ObservationMiddleware(metrics: metrics)
            SecurityHeadersMiddleware()
            ErrorMiddleware()
            HostMiddleware(hosts: HostGuard(names: options.allowedHosts))
            AuthenticationMiddleware(tokens: options.requiresTokens ? TokenCache(store: store) : nil)
            SlowBodyMiddleware(limits: options.limits)
        }
        HealthRoutes().add(to: router)
        MetricsRoutes(metrics: metrics, store: store).add(to: router)
        let api = router.group("/api/v1")
        RunRoutes(store: store, files: files).add(to: api)
        FileRoutes(files: files, store: store).add(to: api)
        HistoryRoutes(store: store).add(to: api)
        SweepRoutes(store: store, searches: searches).add(to: api)
        EventRoutes(store: store, metrics: metrics, limits: options.limits).add(to: api)
        SpecificationRoutes().add(to: api)
        GraphQLRoutes(store: store, blobs: blobs, searches: searches).add(to: router)
        FileStreamRoutes(store: store).add(to: router)
        BlobRoutes(store: store, blobs: blobs).add(to: router)
        ArtifactRoutes(store: store, blobs: blobs).add(to: router)
        WandbPages(store: store).add(to: router)
        return router
    }
}
