import Experiment
import Foundation
import Output
import TestSupport
import Testing
import TrackerStore

@testable import tracker

@Suite("Export")
struct ExportTests {
    /// Numbers that a careless writer or reader changes.
    private static let values: [Double] = [
        0.1, -0.0, .pi, 1e308, .leastNonzeroMagnitude, .nan, .infinity, -.infinity, 9_007_199_254_740_991, 1 / 3, -1e-7,
    ]
    private static let noon = Date(timeIntervalSince1970: 1_790_000_000.123456)

    /// Two runs; the second restarts at an earlier step. What was logged, as `run,attempt,metric,step` to value.
    private func withRuns(
        _ body: @Sendable (TrackerStore, [String: UInt64], _ folder: String) async throws -> Void
    ) async throws {
        try await withScratchStore { store in
            var logged: [String: UInt64] = [:]
            for (run, attempts) in [("a", 1), ("b", 2)] {
                let id = try #require(RunID(rawValue: run))
                for attempt in 1...attempts {
                    let start = RunStart(project: "p", host: "h", time: Self.noon)
                    var records = [SequencedRecord(sequence: 1, record: .start(start))]
                    for step in 0..<1_500 {
                        let value = Self.values[step % Self.values.count]
                        let row = ["loss": value, "=evil, \"name\"": Double(step)]
                        for (name, value) in row where step % 3 == 0 || name == "loss" {
                            logged["\(run),\(attempt),\(name),\(step)"] = value.bitPattern
                        }
                        let kept = row.filter { step % 3 == 0 || $0.key == "loss" }
                        let time = Self.noon.addingTimeInterval(Double(step))
                        records.append(
                            SequencedRecord(
                                sequence: Int64(step) + 2,
                                record: .metrics(MetricRow(step: Int64(step), time: time, values: kept))))
                    }
                    _ = try await store.ingest(run: id, IngestRequest(attempt: attempt, records: records))
                }
            }
            let folder = try scratchFolder()
            defer { try? FileManager.default.removeItem(atPath: folder) }
            try await body(store, logged, folder)
        }
    }

    private func export(
        _ layout: any HistoryLayout, _ name: String, from store: TrackerStore, metrics: [String]? = nil
    ) async throws -> String {
        let runs = try await store.selectedRuns(matching: .everything, order: RunOrder(), limit: 100)
        _ = try await HistoryExporter.export(runs, metrics: metrics, as: layout, to: name, from: store)
        return try String(contentsOfFile: name, encoding: .utf8)
    }

    @Test("F16: every point once, with its value to the bit, and the same bytes again")
    func exact() async throws {
        try await withRuns { store, logged, folder in
            let text = try await export(LongCSV(texts: false), folder + "/1.csv", from: store)
            let again = try await export(LongCSV(texts: false), folder + "/2.csv", from: store)
            #expect(text == again)
            var found: [String: UInt64] = [:]
            for line in text.split(separator: "\n").dropFirst() {
                let cells = Self.cells(String(line))
                let name = cells[2].hasPrefix("'=") ? String(cells[2].dropFirst()) : cells[2]
                let value = try #require(Double(cells[5]))
                let key = "\(cells[0]),\(cells[1]),\(name),\(cells[3])"
                #expect(found[key] == nil, "\(key) comes twice")
                found[key] = value.isNaN ? Double.nan.bitPattern : value.bitPattern
            }
            #expect(found == logged)
            #expect(text.contains("a,1,loss,1,1790000001.123456,-0.0\n"))
        }
    }

    @Test("F16: a column a metric has the same numbers, and the same bytes again")
    func wide() async throws {
        try await withRuns { store, logged, folder in
            let numbers = try await store.selectedRuns(matching: .everything, limit: 9).map(\.number)
            let columns = try await store.historyNames(of: numbers, .metrics, texts: true)
            let layout = WideCSV(columns: columns, texts: true)
            let text = try await export(layout, folder + "/1.csv", from: store)
            #expect(text == (try await export(layout, folder + "/2.csv", from: store)))
            let lines = text.split(separator: "\n").map { Self.cells(String($0)) }
            #expect(lines[0] == ["run", "attempt", "step", "time", "'=evil, \"name\"", "loss"])
            #expect(lines.count == 1 + 3 * 1_500)
            let points = lines.dropFirst().reduce(0) { $0 + ($1[4].isEmpty ? 1 : 2) }
            #expect(points == logged.count)
        }
    }

    @Test("JSON lines are JSON, and hold only the metrics asked for")
    func jsonLines() async throws {
        try await withRuns { store, logged, folder in
            let layout = HistoryJSONLines(isWide: false, texts: true)
            let text = try await export(layout, folder + "/1.jsonl", from: store, metrics: ["loss"])
            let lines = text.split(separator: "\n")
            #expect(lines.count == 3 * 1_500)
            for line in lines.prefix(20) {
                let members = try #require(try JSONParser.parse(String(line)).object)
                #expect(members["metric"] == .string("loss"))
                #expect(members["run"] == .string("a"))
            }
            #expect(lines[5].hasSuffix(#""value":"NaN"}"#))
        }
    }

    @Test("A file that cannot be written is one sentence, and nothing is left of it")
    func unwritable() async throws {
        try await withRuns { store, _, folder in
            await #expect(throws: CommandError.self) {
                try await export(LongCSV(texts: false), folder + "/none/1.csv", from: store)
            }
            let left = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(left.isEmpty)
        }
    }

    /// RFC 4180.
    private static func cells(_ line: String) -> [String] {
        var cells = [""]
        var isQuoted = false
        for character in line {
            switch character {
            case "\"":
                isQuoted.toggle()
                // The second of a doubled quote.
                if isQuoted, cells[cells.count - 1].isEmpty == false { cells[cells.count - 1].append("\"") }
            case "," where !isQuoted: cells.append("")
            default: cells[cells.count - 1].append(character)
            }
        }
        return cells
    }
}
