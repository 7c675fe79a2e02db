import Foundation
import HTTPTypes
import Hummingbird
import TrackerStore

/// `GET /artifactsV2/{region}/{entity}/{project}/{collection}/{artifact}/{md5}/{name}`: the address that clients make up
/// themselves for a file that another artifact refers to. They send their key with it, and follow where it leads.
struct ArtifactRoutes {
    let store: TrackerStore
    let blobs: BlobStore

    func add(to router: Router<TrackerRequestContext>) {
        router.get("/artifactsV2/{region}/{entity}/{project}/{collection}/{artifact}/{md5}/{name}", use: find)
    }

    @Sendable private func find(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        let project = try context.part("project")
        try context.require(.read, project: project)
        let md5 = try context.part("md5")
        let folder = TrackerStore.artifactFolder(project: project)
        guard md5.utf8.count == 32, md5.allSatisfy(\.isHexDigit),
            let place = ArtifactFiles.content(md5, folder: folder)
        else { throw APIError(.badRequest, "bad_file_path", "this is no address of an artifact's file") }
        let address = blobs.signer.address(.get, .artifact, owner: place.owner, path: place.path, now: Date())
        return Response(status: .found, headers: [.location: PublicURL.base(of: request) + address])
    }
}
