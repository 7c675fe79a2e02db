import Experiment
import HTTPTypes
import Hummingbird
import NIOCore
import TrackerStore

/// The addresses that W&B's client prints for people, answered in plain text.
struct WandbPages {
    let store: TrackerStore

    func add(to router: Router<TrackerRequestContext>) {
        let entity = router.group("/\(WandbContext.entity)")
        entity.get("/{project}", use: project)
        entity.get("/{project}/runs/{handle}", use: run)
    }

    @Sendable private func project(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        let name = try context.part("project")
        try context.require(.read, project: name)
        guard let project = try await store.clientProject(name) else { throw Self.unknown }
        return Self.page(
            """
            project \(project.name)
            \(project.runs) runs

            tracker runs --project \(project.name)
            """)
    }

    @Sendable private func run(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        let (project, handle) = (try context.part("project"), try context.part("handle"))
        try context.require(.read, project: project)
        guard let run = try await store.clientRun(project: project, handle: handle) else { throw Self.unknown }
        return Self.page(
            """
            run \(run.id)  \(run.name ?? run.handle)
            project \(run.project)
            state   \(run.state.rawValue)
            config  \(run.config.text)
            summary \(run.summary.text)

            tracker show \(run.id)
            """)
    }

    private static var unknown: APIError {
        APIError(.notFound, "unknown_page", "the tracker knows nothing of this name")
    }

    /// Text, so that nothing a run is called can run in a browser; control characters stay out of terminals.
    private static func page(_ text: String) -> Response {
        let safe = String(
            text.unicodeScalars.map { $0.value < 0x20 && $0 != "\n" || $0.value == 0x7f ? " " : Character($0) })
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/plain; charset=utf-8", .xContentTypeOptions: "nosniff",
                .contentSecurityPolicy: "sandbox; default-src 'none'",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(string: safe)))
    }
}
