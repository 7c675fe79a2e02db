import Experiment
import Output
import TrackerStore

/// How histories are written.
protocol HistoryLayout: Sendable {
    /// What comes before the first line.
    var head: [UInt8] { get }

    /// Appends a block's lines; their number.
    func append(_ block: HistoryBlock, of run: RunID, to bytes: inout [UInt8]) -> Int
}

/// Writes blocks of histories as they come.
actor HistoryExporter {
    private let layout: any HistoryLayout
    private let output: ByteOutput
    private var run: RunID?
    private var place = ""
    private var lines = 0
    private var progress = ProgressLine()

    private init(layout: any HistoryLayout, output: sending ByteOutput) {
        self.layout = layout
        self.output = output
        output.buffer.append(contentsOf: layout.head)
    }

    /// Writes the histories of `runs`, one after the other, into the file at `path` (nil: standard output); the number
    /// of lines. `metrics`: nil for all.
    static func export(
        _ runs: [SelectedRun], _ stream: HistoryStream = .metrics, metrics: [String]? = nil,
        as layout: any HistoryLayout, to path: String?, from store: TrackerStore
    ) async throws -> Int {
        let exporter = HistoryExporter(layout: layout, output: try ByteOutput(path: path))
        for (index, run) in runs.enumerated() {
            await exporter.begin(run.id, place: "\(index + 1) of \(runs.count) runs")
            try await store.readHistory(run: run.number, stream: stream, metrics: metrics) {
                try await exporter.write($0)
            }
        }
        return try await exporter.finish()
    }

    /// The blocks that follow are of this run.
    private func begin(_ run: RunID, place: String) {
        self.run = run
        self.place = place
    }

    private func write(_ block: HistoryBlock) throws {
        guard let run else { return }
        lines += layout.append(block, of: run, to: &output.buffer)
        try output.flushIfFull()
        progress.show("\(place), \(lines) lines")
    }

    /// Lines written in all.
    private func finish() throws -> Int {
        try output.finish()
        progress.clear()
        return lines
    }
}
