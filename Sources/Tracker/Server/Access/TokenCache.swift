import Experiment
import TrackerStore

/// Remembers for a moment which secrets are whose, so that not every request asks the database.
///
/// A token that is revoked or expires is refused after ``lifetime`` at the latest.
actor TokenCache {
    static let lifetime = Duration.seconds(2)
    /// Secrets remembered at once; strangers' guesses are not kept.
    private static let capacity = 10_000

    private let store: TrackerStore
    private var known: [String: (principal: Principal, until: ContinuousClock.Instant)] = [:]
    private var noted: [Int: ContinuousClock.Instant] = [:]

    init(store: TrackerStore) { self.store = store }

    /// ``Principal/nobody`` for a secret that is no valid token's.
    func principal(secret: String) async throws -> Principal {
        let key = SHA256.hex(secret)
        let now = ContinuousClock.now
        if let entry = known[key], entry.until > now { return entry.principal }
        guard let token = try await store.token(secret: secret) else {
            known[key] = nil
            return .nobody
        }
        let principal = Principal.token(name: token.name, role: token.role, project: token.project)
        if known.count >= Self.capacity { known = [:] }
        known[key] = (principal, now + Self.lifetime)
        await note(token.id, at: now)
        return principal
    }

    private func note(_ token: Int, at now: ContinuousClock.Instant) async {
        if let last = noted[token], now - last < .seconds(60) { return }
        noted[token] = now
        // Of no importance to the request: a database that is read-only now still lets people read.
        try? await store.touchToken(id: token)
    }
}
