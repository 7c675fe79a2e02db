/// What a run's history may hold at most; whoever sends more is wrong or hostile.
package enum HistoryLimits {
    package static let metricsPerRow = 10_000
    package static let metricsPerRun = 100_000
    /// Years 1 to 9999 in microseconds since 1970: plots and PostgreSQL's text form have no others.
    package static let times: ClosedRange<Int64> = -62_135_596_800_000_000...253_402_300_799_000_000

    /// Refuses a batch that can never be stored.
    static func check(_ batch: HistoryBatch) throws(StoreError) {
        for name in batch.names { try IngestLimits.check(name: name, "a metric's name") }
        for (_, data) in batch.others {
            for name in data.keys { try IngestLimits.check(name: name, "a metric's name") }
            try IngestLimits.check(data, "a logged value")
        }
        guard batch.table.times.allSatisfy({ times.contains($0) }) else {
            throw StoreError(.invalidRecord, "a time lies outside the years 1 to 9999; correct the clock")
        }
        guard zip(batch.table.sequences, batch.table.sequences.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw StoreError(.invalidRecord, "sequence numbers of a run's rows must rise")
        }
    }
}
