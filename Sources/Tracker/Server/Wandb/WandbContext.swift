import Hummingbird
import TrackerStore

/// What the resolvers of one request share.
struct WandbContext: Sendable {
    /// The tracker's one entity: whichever one a client asks for, this one answers, and the client adopts it
    /// (docs/decisions/0008).
    static let entity = "saga"
    static let entityID = "entity:saga"

    let store: TrackerStore
    /// As the client spells it, without a slash at its end.
    let baseURL: String
}
