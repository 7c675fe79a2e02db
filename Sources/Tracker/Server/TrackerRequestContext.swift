import Hummingbird
import NIOCore

/// What is known of a request beside the request.
struct TrackerRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Set by ``AuthenticationMiddleware``; a route that it has not seen is closed to everybody.
    var principal = Principal.nobody
    /// The connection.
    let channel: (any Channel)?

    init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}

typealias TrackerRoutes = RouterGroup<TrackerRequestContext>
