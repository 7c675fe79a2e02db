import Experiment
import Foundation
import GraphQL
import TrackerStore

/// What a run has printed.
struct RunConsoleFields: GraphQLObject {
    private static let pageLimit = 10_000

    let run: ClientRun
    let store: TrackerStore

    var typename: String { "Run" }

    func field(_ name: String, _ arguments: GraphQLArguments) async throws -> GraphQLValue? {
        guard name == "logLines" else { return nil }
        if let last = arguments.int("last") {
            let lines = try await store.consoleTail(
                run: run.id, limit: max(0, min(last, Self.pageLimit)))
            return Connection.value("LogLineConnection", lines.map(Self.node), hasNext: false)
        }
        let limit = max(0, min(arguments.int("first") ?? 1000, Self.pageLimit))
        let after = arguments.string("after").flatMap { Int64($0) } ?? -1
        let lines = try await store.consoleLines(run: run.id, from: after + 1, limit: limit + 1)
        return Connection.value(
            "LogLineConnection", lines.prefix(limit).map(Self.node), hasNext: lines.count > limit)
    }

    private static func node(_ line: ConsoleLine) -> (node: GraphQLValue, cursor: String) {
        let number = String(line.line)
        return (
            .record(
                "LogLine",
                [
                    "id": .string(number), "number": .int(line.line),
                    "timestamp": .string(line.time.map(timestamp)), "level": .string(line.isError ? "error" : ""),
                    "label": .string(line.label ?? ""), "line": .string(line.text),
                ]), number
        )
    }

    private static func timestamp(_ time: Date) -> String {
        Date.ISO8601FormatStyle(includingFractionalSeconds: true).format(time)
    }
}
