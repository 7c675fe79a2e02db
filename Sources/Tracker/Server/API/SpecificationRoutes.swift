import Hummingbird
import NIOCore
import TrackerStore

/// `GET /api/v1/openapi.yaml`: the description of this API (OpenAPI 3.1).
struct SpecificationRoutes {
    func add(to api: TrackerRoutes) {
        api.get("/openapi.yaml") { _, context in
            try context.require(.read, project: context.principal.onlyProject)
            return Response(
                status: .ok, headers: [.contentType: "application/yaml; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: TrackerServer.specification)))
        }
    }
}

extension TrackerServer {
    /// The text of `openapi.yaml`.
    static var specification: [UInt8] { PackageResources.openapi_yaml }
}
