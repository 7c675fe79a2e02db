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
    let blobs: BlobStore
    let searches: TrialSearches

    func add(to router: Router<TrackerRequestContext>) {
        router.post("/graphql", use: answer)
    }

    @Sendable private func answer(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        let order: GraphQLRequest
        do {
            order = try GraphQLRequest(body: try await ContentCoding.body(of: request, upTo: Self.bodyLimit))
        } catch let error as GraphQLError {
            throw APIError(.badRequest, error.code, error.description)
        }
        let wandb = WandbContext(
            store: store, blobs: blobs, searches: searches, principal: context.principal,
            baseURL: PublicURL.base(of: request))
        return Response(
            status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: try await WandbSchema.executor(wandb).execute(order))))
    }
}
