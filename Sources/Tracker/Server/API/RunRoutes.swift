import Experiment
import Hummingbird
import NIOCore
import TrackerStore

/// What runs send, and the list of runs.
struct RunRoutes {
    let store: TrackerStore

    func add(to api: TrackerRoutes) {
        api.get("/runs", use: runs)
        api.post("/runs/{run}/records", use: ingest)
    }

    @Sendable private func ingest(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        let run = try context.run()
        if request.headers[.contentType] == "application/x-saga-log" {
            guard let attempt = request.query("attempt").flatMap({ Int($0) }) else {
                throw APIError(.badRequest, "bad_message", "say which attempt's log it is: /records?attempt=1")
            }
            let body = try await request.body.collect(upTo: Request.messageLimit)
            let log = try IngestLog(attempt: attempt, bytes: Array(body.readableBytesView))
            return try .json(try await store.ingest(run: run, log))
        }
        let batch = try await request.message(IngestRequest.self)
        return try .json(try await store.ingest(run: run, batch))
    }

    @Sendable private func runs(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        var filter = RunFilter(project: request.query("project"), sweep: request.query("sweep"))
        if let state = request.query("state") {
            guard let state = RunState(rawValue: state) else {
                let known = RunState.allCases.map(\.rawValue).joined(separator: ", ")
                throw APIError(.badRequest, "invalid_query", "there is no such run state; use one of \(known)")
            }
            filter.state = state
        }
        return try .json(try await store.runs(filter))
    }
}
