import GraphQL
import HTTPTypes
import Hummingbird
import NIOCore
import TrackerStore

/// `POST /graphql`: everything that W&B's clients say beside histories and files.
struct GraphQLRoutes {
    /// The longest request; configs travel in it.
    static let bodyLimit = 16 << 20

    let store: TrackerStore

    func add(to router: Router<TrackerRequestContext>) {
        router.post("/graphql", use: answer)
    }

    @Sendable private func answer(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        let body = try await request.body.collect(upTo: Self.bodyLimit)
        let order: GraphQLRequest
        do {
            order = try GraphQLRequest(body: Array(body.readableBytesView))
        } catch {
            throw APIError(.badRequest, error.code, error.description)
        }
        let base = "http://\(request.head.authority ?? "127.0.0.1")"
        let executor = WandbSchema.executor(WandbContext(store: store, baseURL: base))
        return Response(
            status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: try await executor.execute(order))))
    }
}
