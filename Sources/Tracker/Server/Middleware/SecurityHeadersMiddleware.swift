import HTTPTypes
import Hummingbird

/// Headers that keep a browser from doing more with an answer than showing it; a route may set its own.
struct SecurityHeadersMiddleware: RouterMiddleware {
    private static let defaults: [(HTTPField.Name, String)] =
        [
            (.xContentTypeOptions, "nosniff"),
            (.contentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'"),
            (.cacheControl, "no-store"),
        ]
        + [
            ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
        ]
        .compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }

    func handle(
        _ request: Request, context: TrackerRequestContext,
        next: (Request, TrackerRequestContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        for (name, value) in Self.defaults where response.headers[name] == nil { response.headers[name] = value }
        return response
    }
}
