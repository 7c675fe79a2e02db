import Experiment
import Hummingbird
import SweepSearch
import TrackerStore

/// Sweeps: made from definitions, looked at, and worked through stage by stage.
struct SweepRoutes {
    let store: TrackerStore
    let searches: TrialSearches

    func add(to api: TrackerRoutes) {
        api.post("/sweeps", use: create)
        api.get("/sweeps", use: list)
        api.post("/sweeps/reuse", use: reuse)
        api.get("/sweeps/unneeded", use: unneeded)
        api.get("/sweeps/{sweep}", use: one)
        api.patch("/sweeps/{sweep}", use: edit)
        api.post("/sweeps/{sweep}/retry", use: retry)
        api.post("/sweeps/{sweep}/extend", use: extend)
        api.get("/sweeps/{sweep}/definition", use: definition)
        api.get("/sweeps/{sweep}/trials", use: trials)
        api.get("/sweeps/{sweep}/stages", use: stages)
        api.post("/sweeps/{sweep}/claims", use: claim)
        api.post("/sweeps/{sweep}/stages/{key}/reports", use: report)
    }

    @Sendable private func create(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        let order = try await request.message(CreateSweepRequest.self)
        let plan = try SweepPlan(definition: order.definition, file: order.file ?? "sweep")
        try context.require(.write, project: plan.project)
        var answer = try await store.createSweep(plan: plan, new: order.new)
        // Who asks for a sweep that ended with failures wants them tried again: the cause may be mended by now.
        if !answer.created, answer.sweep.isOver, try await store.retry(sweep: answer.sweep.id) > 0 {
            answer.sweep = try await store.sweep(idOrName: answer.sweep.id)
        }
        tell(answer.sweep.id, answer.sweep.project)
        return try .json(answer, status: answer.created ? .created : .ok)
    }

    @Sendable private func list(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        let project = try context.visible(project: request.query("project"))
        let sweeps = try await store.sweeps(name: request.query("name"))
        return try .json(sweeps.filter { project == nil || $0.project == project })
    }

    @Sendable private func one(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        let sweep = try await context.require(.read, sweep: try context.part("sweep"), in: store)
        return try .json(try await store.sweep(idOrName: sweep.id))
    }

    @Sendable private func stages(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        let sweep = try await context.require(.read, sweep: try context.part("sweep"), in: store)
        return try .json(try await store.stages(sweep: sweep.id))
    }

    @Sendable private func claim(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        let sweep = try await context.require(.write, sweep: try context.part("sweep"), in: store)
        let order = try await request.message(ClaimRequest.self)
        let answer = try await store.claim(in: sweep, order, search: searches.maker)
        if !answer.claims.isEmpty { tell(sweep.id, sweep.project) }
        return try .json(answer)
    }

    @Sendable private func report(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        let sweep = try await context.require(.write, sweep: try context.part("sweep"), in: store)
        let report = try await request.message(StageReport.self)
        let answer = try await store.report(
            in: sweep, stageKey: try context.part("key"), report, search: searches.maker)
        if case .heartbeat = report.event {} else { tell(sweep.id, sweep.project) }
        return try .json(answer)
    }

    /// Whoever follows events looks at the sweep again.
    func tell(_ sweep: String, _ project: String) { store.changes.publish(sweep: sweep, project: project) }
}
