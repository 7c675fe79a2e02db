import HTTPTypes
import Hummingbird
import TrackerStore

/// Finds out who asks; with `tokens`, turns away whoever shows none.
struct AuthenticationMiddleware: RouterMiddleware {
    /// Nil: everybody who reaches the server may do everything.
    let tokens: TokenCache?

    /// Addresses whose routes look after themselves: for life signs, and for files by signed URLs.
    private static func isSelfAuthorising(_ path: String) -> Bool {
        path == "/health" || path.hasPrefix("/blobs/")
    }

    func handle(
        _ request: Request, context: TrackerRequestContext,
        next: (Request, TrackerRequestContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        if let tokens {
            if let secret = request.headers[.authorization].flatMap(Credentials.secret) {
                context.principal = try await tokens.principal(secret: secret)
            }
            if context.principal == .nobody, !Self.isSelfAuthorising(request.uri.path) {
                throw APIError.unauthenticated
            }
        } else {
            context.principal = .open
        }
        return try await next(request, context)
    }
}
