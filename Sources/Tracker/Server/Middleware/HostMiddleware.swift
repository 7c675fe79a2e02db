import HTTPTypes
import Hummingbird

/// Applies ``HostGuard`` to every request.
struct HostMiddleware: RouterMiddleware {
    let hosts: HostGuard

    private static let fetchSite = HTTPField.Name("Sec-Fetch-Site")

    func handle(
        _ request: Request, context: TrackerRequestContext,
        next: (Request, TrackerRequestContext) async throws -> Response
    ) async throws -> Response {
        if let refusal = hosts.refusal(
            host: request.head.authority, origin: request.headers[.origin],
            fetchSite: Self.fetchSite.flatMap { request.headers[$0] })
        {
            throw refusal
        }
        return try await next(request, context)
    }
}
