import Experiment
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import TrackerStore

/// What a run has logged: its metrics, its output, its alerts.
struct HistoryRoutes {
    let store: TrackerStore

    func add(to api: TrackerRoutes) {
        api.get("/runs/{run}/metrics", use: names)
        api.get("/runs/{run}/history", use: history)
        api.get("/runs/{run}/export", use: export)
        api.get("/runs/{run}/console", use: console)
        api.get("/runs/{run}/alerts", use: alerts)
    }

    @Sendable private func names(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        try .json(try await store.metricNames(run: try await readable(context)))
    }

    @Sendable private func history(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        let run = try await readable(context)
        let metrics = request.query("metrics")?.split(separator: ",").map(String.init)
        return try .json(try await store.distinctHistory(run: run, metrics: metrics))
    }

    @Sendable private func console(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        let run = try await readable(context)
        let first = try request.count("from", among: 0...Int.max) ?? 0
        let limit = try request.count("limit", among: 1...10_000) ?? 1000
        return try .json(try await store.consoleLines(run: run, from: Int64(first), limit: limit))
    }

    @Sendable private func alerts(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        try .json(try await store.alerts(run: try await readable(context)))
    }

    @Sendable private func export(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        let run = try await readable(context)
        guard let format = ExportFormat(rawValue: request.query("format") ?? "csv") else {
            throw APIError(.badRequest, "invalid_query", "'format' is csv or jsonl")
        }
        let names = try await store.metricNames(run: run)
        return Response(
            status: .ok, headers: [.contentType: format.mediaType],
            body: ResponseBody { [store] writer in
                if let header = format.header { try await writer.write(ByteBuffer(string: header)) }
                // A metric at a time: memory is bounded by the longest one.
                for name in names {
                    var buffer = ByteBuffer()
                    for point in try await store.history(run: run, metrics: [name]) {
                        buffer.writeString(try format.line(run: run, point))
                        if buffer.readableBytes > 1 << 16 {
                            try await writer.write(buffer)
                            buffer.clear()
                        }
                    }
                    try await writer.write(buffer)
                }
                try await writer.finish(nil)
            })
    }

    private func readable(_ context: TrackerRequestContext) async throws -> RunID {
        let run = try context.run()
        try await context.require(.read, run: run, in: store)
        return run
    }
}
