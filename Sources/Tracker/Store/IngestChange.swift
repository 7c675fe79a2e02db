import Experiment
import FoundationEssentials
import Glibc

/// What a batch of records does to a run, in the form that the statements need; pure.
struct IngestChange {
    private(set) var history = HistoryBatch()
    private(set) var system = HistoryBatch()
    private(set) var summary: [String: JSONValue] = [:]
    /// Keys of ``summary`` that the run wrote itself, after it had logged what it logged under these names.
    private(set) var written: Set<String> = []
    private(set) var files: [RunFile] = []
    private(set) var start: RunStart?
    private(set) var finish: RunFinish?

    /// What is to be said of it to whoever follows the run.
    var kinds: Set<RunChange.Kind> {
        var kinds: Set<RunChange.Kind> = []
        if !history.isEmpty { kinds.formUnion([.points, .summary]) }
        if !summary.isEmpty { kinds.insert(.summary) }
        if !files.isEmpty { kinds.insert(.files) }
        if start != nil { kinds.formUnion([.state, .settings]) }
        if finish != nil { kinds.insert(.state) }
        return kinds
    }

    /// Rows of ``history`` whose values are in ``summary``.
    private var summarised = 0
    /// The names of the row before, as they lay in it, and their columns.
    private var rowNames: [UInt8] = []
    private var rowColumns: [Int] = []

    mutating func append(_ record: SequencedRecord) throws(StoreError) {
        try IngestLimits.check(record.record)
        switch record.record {
        case .start(let start):
            self.start = start
            // The attempt goes on; a finish before would be of no meaning.
            finish = nil
        case .metrics(let row):
            history.append(sequence: record.sequence, step: row.step, time: row.time.microseconds)
            for (name, value) in row.values { history.set(name, value) }
            for (name, value) in row.others { history.set(name, json: value) }
        case .system(let row):
            system.append(sequence: record.sequence, step: row.step, time: row.time.microseconds)
            for (name, value) in row.values { system.set(name, value) }
            for (name, value) in row.others { system.set(name, json: value) }
        case .summary(let values):
            summarise()
            summary.merge(values) { $1 }
            written.formUnion(values.keys)
        case .file(let file): files.append(file)
        case .finish(let finish): self.finish = finish
        }
    }

    /// Looks names up only where they differ from the row's before.
    mutating func append(_ row: EncodedRow) throws(StoreError) {
        guard row.count <= IngestLimits.metricsPerRow else { throw IngestLimits.tooManyMetrics(row.count) }
        guard HistoryLimits.times.contains(row.time) else { throw IngestLimits.badTime }
        let isSame = rowNames.withUnsafeBytes { known in
            guard let names = row.names.baseAddress, let known = known.baseAddress else { return row.names.isEmpty }
            return rowNames.count == row.names.count && memcmp(known, names, rowNames.count) == 0
        }
        if !isSame || rowColumns.count != row.count {
            guard let names = row.decodedNames() else { throw StoreError.damagedLog }
            rowColumns = names.map { history.column($0) }
            rowNames = Array(row.names)
        }
        history.append(sequence: row.sequence, step: row.step, time: row.time)
        for (index, column) in rowColumns.enumerated() { history.set(column: column, row.value(index)) }
        guard let others = row.others() else { throw StoreError.damagedLog }
        for (name, value) in others { history.set(name, json: value) }
    }

    /// To be called after the last record.
    mutating func finishSummary() { summarise() }

    private mutating func summarise() {
        for (name, value) in history.lastValues(from: summarised) {
            summary[name] = value
            written.remove(name)
        }
        summarised = history.count
    }
}

extension StoreError {
    static let damagedLog = StoreError(
        .invalidRecord, "the records are damaged or of a newer version; send them again, or update the tracker")
}
