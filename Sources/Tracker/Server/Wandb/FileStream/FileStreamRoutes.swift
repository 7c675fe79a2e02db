import Experiment
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import TrackerStore

/// `POST /files/{entity}/{project}/{run}/file_stream`: histories, summaries, console lines and signs of life of runs
/// that W&B's client uploads.
///
/// Its client never tries again after most refusals: whatever can be kept in some form is, and answered with success.
struct FileStreamRoutes {
    /// Clients send 10 MiB at most.
    static let bodyLimit = 64 << 20

    let store: TrackerStore

    func add(to router: Router<TrackerRequestContext>) {
        router.post("/files/{entity}/{project}/{handle}/file_stream", use: record)
        // The client asks whether its own telemetry is wanted; only "not found" means no.
        router.post("/sdk/otel/v1/metrics", use: nothing)
        router.post("/sdk/otel/v1/logs", use: nothing)
    }

    @Sendable private func record(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        let (project, handle) = (try context.part("project"), try context.part("handle"))
        try context.require(.write, project: project)
        let report: ClientReport
        do {
            report = try FileStreamMessage.report(try await ContentCoding.body(of: request, upTo: Self.bodyLimit))
        } catch let error as JSONParseError {
            throw APIError(.badRequest, error.code, error.description)
        }
        return try .json(
            FileStreamAnswer(
                stopped: try await keep(report, project, handle, context.logger)))
    }

    /// Records the report, without its rows where these can never be stored: the sign of life counts.
    private func keep(
        _ report: ClientReport, _ project: String, _ handle: String, _ logger: Logger
    ) async throws -> Bool {
        do {
            return try await store.record(report, project: project, handle: handle)
        } catch let error as StoreError {
            logger.warning(
                "rows not kept",
                metadata: ["project": "\(project)", "run": "\(handle)", "reason": "\(error.description)"])
            var rest = report
            (rest.history, rest.system, rest.summary) = (nil, nil, nil)
            return try await store.record(rest, project: project, handle: handle)
        }
    }

    @Sendable private func nothing(_ request: Request, _ context: TrackerRequestContext) -> Response {
        Response(status: .notFound)
    }
}

/// What the client reads of an answer.
struct FileStreamAnswer: Encodable {
    var stopped: Bool
}
