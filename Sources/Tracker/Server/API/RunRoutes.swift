import Experiment
import HTTPTypes
import Hummingbird
import NIOCore
import TrackerStore

/// Runs: what they send, their list, and what people change of them.
struct RunRoutes {
    let store: TrackerStore
    let files: FileStore

    func add(to api: TrackerRoutes) {
        api.get("/projects", use: projects)
        api.get("/runs", use: runs)
        api.get("/runs/{run}", use: one)
        api.patch("/runs/{run}", use: change)
        api.delete("/runs/{run}", use: delete)
        api.post("/runs/{run}/records", use: ingest)
    }

    @Sendable private func projects(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        try .json(try await store.projects(only: try context.visible(project: nil)))
    }

    @Sendable private func runs(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        var parts: [RunPredicate] = []
        if let project = try context.visible(project: request.query("project")) {
            parts.append(.equals(.column(.project), .string(project)))
        }
        if let sweep = request.query("sweep") {
            let id = try await context.require(.read, sweep: sweep, in: store).id
            parts.append(.equals(.column(.sweep), .string(id)))
        }
        if let type = request.query("job_type") { parts.append(.equals(.column(.jobType), .string(type))) }
        if let state = request.query("state") {
            guard RunState(rawValue: state) != nil else {
                let known = RunState.allCases.map(\.rawValue).joined(separator: ", ")
                throw APIError(.badRequest, "invalid_query", "there is no such run state; use one of \(known)")
            }
            parts.append(.equals(.column(.state), .string(state)))
        }
        if let words = request.query("where") { parts.append(try RunPredicate(words: words)) }
        if let filter = request.query("filter") { parts.append(try RunPredicate(wandb: filter)) }
        let cursor = request.query("after").map(RunCursor.init)
        if case .some(nil) = cursor {
            throw APIError(.badRequest, "invalid_query", "'after' is no cursor of this list; start without it")
        }
        let page = try await store.runs(
            matching: .all(parts), order: try request.query("order").map { try RunOrder(words: $0) } ?? .newestFirst,
            limit: try request.count("limit", among: 1...100_000) ?? 1000, after: cursor ?? nil)
        var response = try Response.json(page.runs)
        if page.hasNext, let name = HTTPField.Name("Next-Cursor") {
            response.headers[name] = page.entries.last?.cursor.text
        }
        return response
    }

    @Sendable private func one(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        let run = try context.run()
        try await context.require(.read, run: run, in: store)
        return try .json(try await store.run(run))
    }

    @Sendable private func change(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        let run = try context.run()
        let project = try await context.require(.write, run: run, in: store)
        try await store.edit(run, try await request.message(RunEdit.self))
        store.changes.publish(run: run, project: project, [.settings])
        return try .json(try await store.run(run))
    }

    @Sendable private func delete(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        let run = try context.run()
        let project = try await context.require(.write, run: run, in: store)
        try await store.deleteRuns([run])
        try files.remove(run: run)
        store.changes.publish(run: run, project: project, [.deleted])
        return Response(status: .noContent)
    }

    @Sendable private func ingest(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        let run = try context.run()
        let known = try await store.knownProject(ofRun: run)
        if let known {
            guard context.principal.onlyProject ?? known == known else { throw TrackerStore.unknownRun(run) }
        }
        // A run that is not known is of the project that its start names, which is checked when it has been read.
        try context.require(.write, project: known ?? context.principal.onlyProject)
        if request.headers[.contentType] == "application/x-saga-log" {
            guard let attempt = request.query("attempt").flatMap({ Int($0) }) else {
                throw APIError(.badRequest, "bad_message", "say which attempt's log it is: /records?attempt=1")
            }
            let body = try await request.body.collect(upTo: Request.messageLimit)
            let log = try IngestLog(attempt: attempt, bytes: Array(body.readableBytesView))
            if known == nil, let start = log.opening { try context.require(.write, project: start.project) }
            return try .json(try await store.ingest(run: run, log))
        }
        let batch = try await request.message(IngestRequest.self)
        if known == nil, case .start(let start)? = batch.records.first?.record {
            try context.require(.write, project: start.project)
        }
        return try .json(try await store.ingest(run: run, batch))
    }
}
