import Experiment
import FoundationEssentials

/// What a batch of records does to a run, in the form that the statements need; pure.
struct IngestChange {
    /// Names of the metrics that occur.
    private(set) var metricNames: [String] = []
    /// One entry a point: place of its name in ``metricNames``, then the columns of `points`.
    private(set) var nameIndex: [Int] = []
    private(set) var sequences: [Int64] = []
    private(set) var steps: [Int64] = []
    private(set) var times: [Date] = []
    private(set) var values: [Double] = []

    private(set) var summary: [String: JSONValue] = [:]
    private(set) var files: [RunFile] = []
    private(set) var start: RunStart?
    private(set) var finish: RunFinish?

    init(_ records: some Sequence<SequencedRecord>) {
        var indexes: [String: Int] = [:]
        for record in records {
            switch record.record {
            case .start(let start):
                self.start = start
                // The attempt goes on; a finish before would be of no meaning.
                finish = nil
            case .metrics(let row): append(row, sequence: record.sequence, &indexes)
            case .summary(let values): summary.merge(values) { $1 }
            case .file(let file): files.append(file)
            case .finish(let finish): self.finish = finish
            }
        }
    }

    private mutating func append(_ row: MetricRow, sequence: Int64, _ indexes: inout [String: Int]) {
        for (name, value) in row.values {
            let index = indexes[name] ?? metricNames.count
            if index == metricNames.count {
                indexes[name] = index
                metricNames.append(name)
            }
            nameIndex.append(index)
            sequences.append(sequence)
            steps.append(row.step)
            times.append(row.time)
            values.append(value)
            summary[name] = .double(value)
        }
    }
}
