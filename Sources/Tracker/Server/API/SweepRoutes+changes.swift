import Experiment
import HTTPTypes
import Hummingbird
import TrackerStore

/// What people do with sweeps that exist, and what is asked across sweeps.
extension SweepRoutes {
    @Sendable func edit(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        let sweep = try await context.require(.write, sweep: try context.part("sweep"), in: store)
        let answer = try await store.edit(sweep: sweep.id, try await request.message(SweepEdit.self))
        tell(sweep.id, sweep.project)
        return try .json(answer)
    }

    @Sendable func retry(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        let sweep = try await context.require(.write, sweep: try context.part("sweep"), in: store)
        let order = try await request.message(RetryRequest.self)
        let count = try await store.retry(sweep: sweep.id, trials: order.trials)
        tell(sweep.id, sweep.project)
        return try .json(RetryResponse(stages: count, sweep: try await store.sweep(idOrName: sweep.id)))
    }

    @Sendable func extend(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        let sweep = try await context.require(.write, sweep: try context.part("sweep"), in: store)
        let order = try await request.message(ExtendRequest.self)
        let plan = try order.definition.map { try SweepPlan(definition: $0, file: order.file ?? "sweep") }
        let answer = try await store.extend(sweep: sweep.id, by: plan, trials: order.trials)
        tell(sweep.id, sweep.project)
        return try .json(answer)
    }

    @Sendable func definition(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        let sweep = try await context.require(.read, sweep: try context.part("sweep"), in: store)
        return try .json(try await store.definition(sweep: sweep.id))
    }

    @Sendable func trials(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        let sweep = try await context.require(.read, sweep: try context.part("sweep"), in: store)
        return try .json(try await store.trials(sweep: sweep.id))
    }

    @Sendable func reuse(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        let order = try await request.message(ReuseRequest.self)
        try context.require(.read, project: order.project)
        return try .json(try await store.reusable(order))
    }

    @Sendable func unneeded(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        guard let project = request.query("project") else {
            throw APIError(.badRequest, "invalid_query", "name the project, as in ?project=saga")
        }
        try context.require(.read, project: project)
        return try .json(
            try await store.unneeded(project: project, intermediate: request.query("intermediate") == "true"))
    }
}
