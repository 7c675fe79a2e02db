import Experiment
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import TrackerStore

/// `GET /api/v1/events`: what changes, as server-sent events (WHATWG HTML, 9.2).
///
/// An event `run` says which run has changed and in what, `sweep` which sweep's stages or state have; the client fetches
/// what it wants to know. Changes that come close together are one event. `reset` says that some were missed and all must
/// be fetched again.
struct EventRoutes {
    let store: TrackerStore
    let metrics: ServerMetrics
    let limits: ServerLimits

    /// How long changes are gathered.
    private static let interval = Duration.milliseconds(200)
    /// Short, because only writing tells that a client has gone.
    private static let heartbeat = Duration.seconds(5)

    func add(to api: TrackerRoutes) {
        api.get("/events", use: follow)
    }

    @Sendable private func follow(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        let project = try context.visible(project: request.query("project"))
        let lastSeen = HTTPField.Name("Last-Event-ID").flatMap { request.headers[$0] }
        guard let place = Follower.take(metrics: metrics, limit: limits.followers) else {
            throw APIError.busy("as many clients follow events as the tracker serves at once; poll instead")
        }
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
            body: ResponseBody { writer in
                try await send(project: project, after: lastSeen, over: context.channel, to: &writer)
                withExtendedLifetime(place) {}
                try await writer.finish(nil)
            })
    }

    private func send(
        project: String?, after lastSeen: String?, over channel: (any Channel)?, to writer: inout any ResponseBodyWriter
    ) async throws {
        let changes = store.changes
        var number = changes.newest
        try await writer.write(ByteBuffer(string: "retry: 2000\n\n"))
        if let lastSeen {
            let parts = lastSeen.split(separator: "-")
            if parts.count == 2, parts[0] == changes.epoch, let seen = Int64(parts[1]) {
                number = seen
            } else {
                try await writer.write(event("reset", id: number, data: "{}"))
            }
        }
        var quietUntil = ContinuousClock.now + Self.heartbeat
        while !Task.isCancelled && !Task.isShuttingDownGracefully && channel?.isActive ?? true {
            guard let news = changes.since(number) else {
                number = changes.newest
                try await writer.write(event("reset", id: number, data: "{}"))
                continue
            }
            number = news.last?.number ?? number
            var buffer = ByteBuffer()
            for (id, change) in news where project == nil || change.project == project {
                let (name, data) =
                    switch change {
                    case .run(let change): ("run", try JSONCoding.encode(change))
                    case .sweep(let change): ("sweep", try JSONCoding.encode(change))
                    }
                buffer.writeImmutableBuffer(event(name, id: id, data: String(decoding: data, as: UTF8.self)))
            }
            if buffer.readableBytes == 0, ContinuousClock.now >= quietUntil { buffer.writeString(": still here\n\n") }
            if buffer.readableBytes > 0 {
                try await writer.write(buffer)
                quietUntil = ContinuousClock.now + Self.heartbeat
            }
            try await Task.sleep(for: Self.interval)
        }
    }

    /// JSON has no line breaks outside of its texts' escapes: one `data` line holds it.
    private func event(_ name: String, id: Int64, data: String) -> ByteBuffer {
        ByteBuffer(string: "event: \(name)\nid: \(store.changes.epoch)-\(id)\ndata: \(data)\n\n")
    }
}
