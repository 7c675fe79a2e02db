/// The batch that asks a model for positions of clips, and which of its rows is which.
///
/// With guidance each clip is in the batch twice, without and with its condition: still one encoder pass.
struct LogitRows {
    let batch: PackedBatch
    let rows: [(clip: Int, index: Int, isConditional: Bool)]

    init(_ plan: DecodingPlan, conditions: [TokenSequence], drawn: [TokenSequence], asked: [[Int32]]) {
        var samples: [PackedBatch.Sample] = []
        var rows: [(clip: Int, index: Int, isConditional: Bool)] = []
        for clip in conditions.indices {
            let target = plan.queries(asked[clip])
            var input = conditions[clip]
            input.append(drawn[clip])
            if plan.guidanceScale != 1 {
                samples.append(PackedBatch.Sample(input: drawn[clip], target: target))
                rows += asked[clip].indices.map { (clip, $0, false) }
            }
            samples.append(PackedBatch.Sample(input: input, target: target))
            rows += asked[clip].indices.map { (clip, $0, true) }
        }
        batch = PackedBatch(samples: samples)
        self.rows = rows
    }

    /// The rows that tokens are drawn from, each with its clip's row without condition if there is one.
    var conditional: [(row: Int, other: Int?, clip: Int, index: Int)] {
        rows.indices.filter { rows[$0].isConditional }.map { row in
            let (clip, index, _) = rows[row]
            // Each clip's rows without condition come right before, as many.
            let first = row - index
            let isGuided = first > 0 && rows[first - 1].clip == clip
            let count = isGuided ? rows[first - 1].index + 1 : 0
            return (row, isGuided ? row - count : nil, clip, index)
        }
    }
}

/// A token drawn for a position.
struct Draw {
    let position: Int32
    let token: Int32
    /// At temperature 1 and before any cut.
    let logProbability: Double
    /// From 0 to below 1; 0 if none was asked for.
    let noise: Double
}
