import Hummingbird

/// `GET /health`: whether the server runs.
struct HealthRoutes {
    private struct Health: Encodable { var status = "ok" }

    func add(to router: Router<TrackerRequestContext>) {
        router.get("/health") { _, _ in try Response.json(Health()) }
    }
}
