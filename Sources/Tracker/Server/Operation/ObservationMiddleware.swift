import HTTPTypes
import Hummingbird
import Logging

/// Counts and logs every request with its answer.
///
/// Logs hold paths and never queries or headers: signatures and tokens travel in these.
struct ObservationMiddleware: RouterMiddleware {
    let metrics: ServerMetrics

    func handle(
        _ request: Request, context: TrackerRequestContext,
        next: (Request, TrackerRequestContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var response = try await next(request, context)
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let route = context.endpointPath ?? "none"
        let status = response.status.code
        metrics.update { counts in
            counts.requests[.init(method: Self.known(request.method), route: route, status: status), default: 0] += 1
            counts.latencies[route, default: .init()].observe(seconds)
            counts.bytesReceived += request.headers[.contentLength].flatMap { Int($0) }.map { max(0, $0) } ?? 0
            counts.bytesSent += response.body.contentLength ?? 0
            if status == 503 { counts.unavailable += 1 }
        }
        if let name = HTTPField.Name("X-Request-ID") { response.headers[name] = context.id }
        context.logger.info(
            "request",
            metadata: [
                "method": "\(Self.known(request.method))", "path": "\(request.uri.path)", "status": "\(status)",
                "seconds": "\(seconds)",
            ])
        return response
    }

    /// Clients may send any word as a method; labels must not grow without end.
    private static func known(_ method: HTTPRequest.Method) -> String {
        switch method {
        case .get, .post, .put, .patch, .delete, .head, .options: method.rawValue
        default: "other"
        }
    }
}
