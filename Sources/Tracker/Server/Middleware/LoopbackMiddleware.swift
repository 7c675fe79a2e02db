import HTTPTypes
import Hummingbird

/// Applies ``LoopbackGuard`` to every request.
struct LoopbackMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: TrackerRequestContext,
        next: (Request, TrackerRequestContext) async throws -> Response
    ) async throws -> Response {
        if let refusal = LoopbackGuard.refusal(
            host: request.head.authority, origin: request.headers[.origin],
            fetchSite: HTTPField.Name("Sec-Fetch-Site").flatMap { request.headers[$0] })
        {
            throw refusal
        }
        return try await next(request, context)
    }
}
