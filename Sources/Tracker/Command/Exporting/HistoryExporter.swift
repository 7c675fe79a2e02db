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

    init(layout: any HistoryLayout, output: sending ByteOutput) {
        self.layout = layout
        self.output = output
        output.buffer.append(contentsOf: layout.head)
    }

    /// The blocks that follow are of this run.
    func begin(_ run: RunID, place: String) {
        self.run = run
        self.place = place
    }

    func write(_ block: HistoryBlock) throws {
        guard let run else { return }
        lines += layout.append(block, of: run, to: &output.buffer)
        try output.flushIfFull()
        progress.show("\(place), \(lines) lines")
    }

    /// Lines written in all.
    func finish() throws -> Int {
        try output.finish()
        progress.clear()
        return lines
    }
}
