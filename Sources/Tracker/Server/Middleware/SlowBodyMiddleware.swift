import HTTPTypes
import Hummingbird
import NIOCore

/// Closes connections whose request is not received and answered within a time that depends on its length: a client
/// that sends a byte now and then must not hold a connection for ever.
///
/// Slow heads and idle connections are closed by the server's idle timeout.
struct SlowBodyMiddleware: RouterMiddleware {
    let limits: ServerLimits

    func handle(
        _ request: Request, context: TrackerRequestContext,
        next: (Request, TrackerRequestContext) async throws -> Response
    ) async throws -> Response {
        guard let channel = context.channel, let length = length(of: request) else {
            return try await next(request, context)
        }
        let seconds = limits.bodySeconds + length / limits.slowestBytesPerSecond
        let deadline = channel.eventLoop.scheduleTask(in: .seconds(Int64(seconds))) {
            channel.close(promise: nil)
        }
        defer { deadline.cancel() }
        return try await next(request, context)
    }

    /// Bytes of the body, as far as they are known; nil where there is none.
    private func length(of request: Request) -> Int? {
        if let text = request.headers[.contentLength], let length = Int(text) {
            return length > 0 ? min(length, limits.longestBody) : nil
        }
        return request.headers[.transferEncoding] == nil ? nil : limits.longestBody
    }
}
