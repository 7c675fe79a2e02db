import Experiment
import HTTPTypes
import Hummingbird
import Logging

/// Turns every error into an ``ErrorResponse``; what the client cannot mend goes to the log and not to the client.
struct ErrorMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: TrackerRequestContext,
        next: (Request, TrackerRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            if let refusal = APIError(error) {
                context.logger.debug(
                    "refused", metadata: ["path": "\(request.uri.path)", "code": "\(refusal.body.code)"])
                if refusal.status == .serviceUnavailable {
                    context.logger.warning(
                        "unavailable",
                        metadata: ["path": "\(request.uri.path)", "reason": "\(String(describing: error))"])
                }
                return try refusal.response()
            }
            context.logger.error(
                "failed", metadata: ["path": "\(request.uri.path)", "error": "\(String(reflecting: error))"])
            let failure = APIError(
                .internalServerError, "internal_error", "the tracker could not do this now; its log says why")
            return try failure.response()
        }
    }
}
