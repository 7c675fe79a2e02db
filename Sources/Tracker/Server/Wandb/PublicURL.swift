import HTTPTypes
import Hummingbird

/// How a client reaches the server: as it has just done.
enum PublicURL {
    private static let forwardedScheme = HTTPField.Name("X-Forwarded-Proto")

    /// Without a slash at its end; https where a proxy says that it took the request so.
    static func base(of request: Request) -> String {
        let isSecure = forwardedScheme.flatMap { request.headers[$0] }?.lowercased() == "https"
        return "\(isSecure ? "https" : "http")://\(request.head.authority ?? "127.0.0.1")"
    }
}
