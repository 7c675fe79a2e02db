import Experiment
import Postgres

extension TrackerStore {
    /// A run's rows by step, from `fromStep` to before `toStep`, at most `limit`. Several log calls at one step are one
    /// row, in which the latest attempt's latest value counts for each name.
    ///
    /// `names`: nil for all; else the rows that have one of these, with nothing else in them.
    package func rows(
        run: Int32, stream: HistoryStream = .metrics, names: [String]? = nil, fromStep: Int64 = .min,
        toStep: Int64? = nil, limit: Int
    ) async throws -> [HistoryRow] {
        let end = toStep ?? .max
        guard limit > 0, fromStep < end || toStep == nil else { return [] }
        return try await withSnapshot { connection in
            let throughStep = toStep == nil ? Int64.max : end - 1
            let heads = try await heads(run, stream, fromStep: fromStep, throughStep: throughStep, on: connection)
                .sorted { ($0.lowest, $0.attempt, $0.first) < ($1.lowest, $1.attempt, $1.first) }
            var rows: [Int64: HistoryRow] = [:]
            for (index, head) in heads.enumerated() {
                // Later segments hold no step below this one's lowest: what is below is complete.
                if rows.count >= limit, rows.keys.count(where: { $0 < head.lowest }) >= limit { break }
                for block in try await blocks(heads[index...index], run, stream, names, on: connection) {
                    for row in block.rows where (fromStep...throughStep).contains(row.step) {
                        guard names == nil || !row.numbers.isEmpty || !row.others.isEmpty else { continue }
                        rows.merge(row)
                    }
                }
            }
            return Array(rows.values.sorted { $0.step < $1.step }.prefix(limit))
        }
    }

    /// Rows that have all of `names`, at most `samples` of them, spread evenly from the first to the last.
    package func sampledRows(
        run: Int32, stream: HistoryStream = .metrics, names: [String], fromStep: Int64 = .min, toStep: Int64? = nil,
        samples: Int
    ) async throws -> [HistoryRow] {
        let all = try await rows(
            run: run, stream: stream, names: names, fromStep: fromStep, toStep: toStep, limit: .max
        ).filter { row in names.allSatisfy { row.numbers[$0] != nil || row.others[$0] != nil } }
        guard all.count > samples else { return all }
        guard samples > 1 else { return Array(all.suffix(max(0, samples))) }
        return (0..<samples).map { all[$0 * (all.count - 1) / (samples - 1)] }
    }

    /// The row of the greatest step.
    package func lastRow(run: Int32, stream: HistoryStream = .metrics) async throws -> HistoryRow? {
        guard let step = try await extent(run: run, stream: stream).lastStep else { return nil }
        return try await rows(run: run, stream: stream, fromStep: step, limit: 1).first
    }

    package func extent(run: Int32, stream: HistoryStream = .metrics) async throws -> HistoryExtent {
        let rows = try await pool.query(
            """
            select coalesce(sum(count), 0)::bigint, max(highest), (
                select (extract(epoch from s.time) * 1000000)::bigint
                    + coalesce(s.times[s.count], s.long_times[s.count], 0)
                from segments s where run = \(run) and stream = \(stream.number)
                order by attempt desc, first desc limit 1)
            from segments where run = \(run) and stream = \(stream.number)
            """)
        let (count, last, time) = try rows.first?.decode(as: Int.self, Int64?.self, Int64?.self) ?? (0, nil, nil)
        return HistoryExtent(rows: count, lastStep: last, lastTime: time)
    }
}

extension [Int64: HistoryRow] {
    /// Adds a row to the one of its step; the later of the two has the last word.
    fileprivate mutating func merge(_ row: HistoryRow) {
        guard let known = self[row.step] else { return self[row.step] = row }
        let isLater = (row.attempt, row.sequence) > (known.attempt, known.sequence)
        var merged = isLater ? known : row
        merged.merge(isLater ? row : known)
        self[row.step] = merged
    }
}
