import Experiment
import Foundation
import GraphQL
import HTTPTypes
import TrackerStore

/// What the resolvers of one request share.
struct WandbContext: Sendable {
    /// The tracker's one entity: whichever one a client asks for, this one answers, and the client adopts it
    /// (docs/decisions/0008).
    static let entity = "saga"
    static let entityValue: GraphQLValue = .record(
        "Entity", ["id": .string("entity:\(entity)"), "name": .string(entity), "isTeam": .bool(false)])

    let store: TrackerStore
    let blobs: BlobStore
    let searches: TrialSearches
    let principal: Principal
    /// As the client spells it, without a slash at its end.
    let baseURL: String

    /// Refuses what the asking token may not do; the client shows the reason at once.
    func require(_ role: AccessRole, project: String) throws(APIError) {
        if let refusal = principal.refusal(role, project: project) { throw refusal }
    }

    /// A run by the id that answers call it by.
    func run(id: String, for role: AccessRole) async throws -> ClientRun {
        guard let run = try await store.clientRun(id: id), principal.refusal(.read, project: run.project) == nil else {
            throw GraphQLError(code: "unknown_run", "there is no run with the id '\(id.prefix(100))'")
        }
        try require(role, project: run.project)
        return run
    }

    /// A run by its name in a project; nil where there is none.
    func run(project: String, handle: String) async throws -> ClientRun? {
        try await store.clientRun(project: project, handle: handle)
    }

    /// An address at which a file can be read or written by whoever has it.
    func url(_ method: HTTPRequest.Method, _ area: BlobArea, owner: RunID, path: RelativePath) -> String {
        baseURL + blobs.signer.address(method, area, owner: owner, path: path, now: Date())
    }
}

extension Date {
    /// As W&B writes times, in UTC to the second.
    var wandbText: String { Date.ISO8601FormatStyle().format(self) }
}
