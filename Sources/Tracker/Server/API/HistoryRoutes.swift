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
        let number = try await store.number(of: try await readable(context))
        return try .json(try await store.seriesSummaries(run: number, stream: try stream(request)))
    }

    @Sendable private func history(_ request: Request, _ context: TrackerRequestContext) async throws -> Response {
        let number = try await store.number(of: try await readable(context))
        let pixels = try request.count("pixels", among: 1...100_000)
        let stream = try stream(request)
        let wanted = request.query("metrics").map { Set($0.split(separator: ",").map(String.init)) }
        let names = try await store.seriesSummaries(run: number, stream: stream).map(\.name)
            .filter { wanted?.contains($0) ?? true }
        return Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody { [store] writer in
                // A metric at a time: memory is bounded by the longest one.
                for (index, name) in names.enumerated() {
                    var series = try await store.series(
                        run: number, metric: name, stream: stream, withTimes: pixels == nil)
                    series = pixels.map { series.reduced(columns: $0) } ?? series.latest
                    var buffer = ByteBuffer(string: index == 0 ? "[" : ",")
                    SeriesJSON.append(name, series, to: &buffer)
                    try await writer.write(buffer)
                }
                try await writer.write(ByteBuffer(string: names.isEmpty ? "[]" : "]"))
                try await writer.finish(nil)
            })
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
        let number = try await store.number(of: run)
        let names = try await store.seriesSummaries(run: number).map(\.name)
        return Response(
            status: .ok, headers: [.contentType: format.mediaType],
            body: ResponseBody { [store] writer in
                if let header = format.header { try await writer.write(ByteBuffer(string: header)) }
                for name in names {
                    let series = try await store.series(run: number, metric: name)
                    var buffer = ByteBuffer()
                    for index in series.values.indices {
                        buffer.writeString(try format.line(run: run, metric: name, series, index))
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

    private func stream(_ request: Request) throws -> HistoryStream {
        switch request.query("stream") ?? "metrics" {
        case "metrics": return .metrics
        case "system": return .system
        default: throw APIError(.badRequest, "invalid_query", "'stream' is metrics or system")
        }
    }

    private func readable(_ context: TrackerRequestContext) async throws -> RunID {
        let run = try context.run()
        try await context.require(.read, run: run, in: store)
        return run
    }
}
