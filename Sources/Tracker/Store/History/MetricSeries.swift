/// One metric of a run by column, in the order of logging: by attempt and sequence.
package struct MetricSeries: Sendable, Hashable {
    package var attempts: [Int32] = []
    package var sequences: [Int64] = []
    package var steps: [Int64] = []
    /// Microseconds since 1970; empty where they were not asked for.
    package var times: [Int64] = []
    package var values: [Double] = []

    package init() {}

    package var count: Int { values.count }

    /// The curve: one value a step, by step. Where a step was logged again, the latest attempt's latest value counts.
    package var latest: MetricSeries {
        guard zip(steps, steps.dropFirst()).contains(where: { $0 >= $1 }) else { return self }
        // Logging order is attempt and sequence: of equal steps the last one wins.
        let order = steps.indices.sorted { (steps[$0], $0) < (steps[$1], $1) }
        let kept = order.indices.filter { $0 + 1 == order.count || steps[order[$0]] != steps[order[$0 + 1]] }
        return self[kept.map { order[$0] }]
    }

    /// The points at some places, in that order.
    package subscript(places: [Int]) -> MetricSeries {
        var part = MetricSeries()
        part.attempts = places.map { attempts[$0] }
        part.sequences = places.map { sequences[$0] }
        part.steps = places.map { steps[$0] }
        if !times.isEmpty { part.times = places.map { times[$0] } }
        part.values = places.map { values[$0] }
        return part
    }

    /// Adds a segment's values.
    mutating func append(_ frame: SegmentFrame, _ column: SegmentColumn) {
        attempts.append(contentsOf: repeatElement(frame.attempt, count: column.values.count))
        values.append(contentsOf: column.values)
        guard let positions = column.positions else {
            sequences.append(contentsOf: frame.sequences)
            steps.append(contentsOf: frame.steps)
            times.append(contentsOf: frame.times)
            return
        }
        for position in positions {
            sequences.append(frame.sequences[Int(position)])
            steps.append(frame.steps[Int(position)])
            if !frame.times.isEmpty { times.append(frame.times[Int(position)]) }
        }
    }
}
