import Tensor

/// The last linear layer and the cross-entropy on it, by chunks of rows: rows x vocabulary never exists whole.
struct LogitsHead {
    let linear: Linear
    /// What each row's squared log-sum-exp counts beside its cross-entropy; 0 costs nothing.
    let zLoss: Float

    init(linear: Linear, zLoss: Double = 0) {
        self.linear = linear
        self.zLoss = Float(zLoss)
    }

    /// What each row of targets costs.
    struct Losses {
        var crossEntropy: [Float] = []
        /// `zLoss` times the squared log-sum-exp; empty without.
        var penalty: [Float] = []
    }

    private var vocabulary: Int { linear.outputs }
    private var dim: Int { linear.inputs }

    /// Loss of each row. With `inputGradient`, also writes that and leaves the weight's gradient.
    ///
    /// `scale` is what each row's loss counts in the total. `idle` is memory for logits that nothing else needs now.
    func loss(
        _ input: Workspace.Buffer, targets: [Int32], scale: [Float], inputGradient: Workspace.Buffer?,
        idle: UnsafeMutableBufferPointer<Float>? = nil, _ workspace: Workspace
    ) -> Losses {
        var losses = Losses()
        if targets.isEmpty, inputGradient != nil, !workspace.accumulates {
            workspace.backend.fill(linear.weight.gradient, with: 0, count: vocabulary * dim)
        }
        forEachChunk(input, rows: targets.count, columns: 0..<vocabulary, idle: idle, workspace) { range, logits in
            if zLoss > 0 { workspace.backend.finish() }
            let targetLogits = zLoss > 0 ? range.map { logits[offset($0, range) + Int(targets[$0])] } : []
            let crossEntropy = workspace.backend.crossEntropy(
                logits: logits, targets: targets[range], scale: scale[range], columns: vocabulary)
            losses.crossEntropy += crossEntropy
            if zLoss > 0 {
                let logSums = zip(crossEntropy, targetLogits).map { $0 + $1 }
                losses.penalty += logSums.map { zLoss * $0 * $0 }
                addPenaltyGradient(logits, logSums, targets: targets[range], scale: scale[range])
            }
            guard let inputGradient else { return }
            let start = range.lowerBound * dim
            workspace.backend.multiply(
                .linearWeightGradient(
                    logits, input: input + start, rows: range.count, inputs: dim, outputs: vocabulary,
                    into: linear.weight.gradient, accumulates: workspace.accumulates || range.lowerBound > 0))
            workspace.backend.multiply(
                .linearInputGradient(
                    logits, weight: linear.weight.value, rows: range.count, inputs: dim, outputs: vocabulary,
                    into: inputGradient + start))
        }
        return losses
    }

    /// Logits hold scale * (softmax - one hot); the penalty adds scale * 2 zLoss logSum * softmax.
    private func addPenaltyGradient(
        _ logits: Workspace.Buffer, _ logSums: [Float], targets: ArraySlice<Int32>, scale: ArraySlice<Float>
    ) {
        for (row, logSum) in logSums.enumerated() {
            let place = targets.startIndex + row
            let (start, share) = (logits + row * vocabulary, 2 * zLoss * logSum)
            for column in 0..<vocabulary { start[column] *= 1 + share }
            start[Int(targets[place])] += scale[place] * share
        }
    }

    private func offset(_ row: Int, _ range: Range<Int>) -> Int { (row - range.lowerBound) * vocabulary }

    /// Visits each row's logits of some tokens in order.
    func forEachRow(
        _ input: Workspace.Buffer, rows: Int, columns: Range<Int>, _ workspace: Workspace,
        _ body: (_ row: Int, _ logits: UnsafeBufferPointer<Float>) -> Void
    ) {
        forEachChunk(input, rows: rows, columns: columns, idle: nil, workspace) { range, logits in
            workspace.backend.finish()
            for row in range {
                let start = logits + (row - range.lowerBound) * columns.count
                body(row, UnsafeBufferPointer(start: start, count: columns.count))
            }
        }
    }

    private func forEachChunk(
        _ input: Workspace.Buffer, rows: Int, columns: Range<Int>, idle: UnsafeMutableBufferPointer<Float>?,
        _ workspace: Workspace, _ body: (_ rows: Range<Int>, _ logits: Workspace.Buffer) -> Void
    ) {
        let (backend, width) = (workspace.backend, max(1, columns.count))
        var most = max(16, backend.logitsAtOnce / width)
        // Idle memory serves if it holds all rows, or no fewer than there would be at once.
        let room = (idle?.count ?? 0) / width
        let idle = room >= min(rows, most) ? idle?.baseAddress : nil
        if idle != nil { most = max(1, room) }
        // Chunks of about equal size.
        let chunks = (rows + most - 1) / most
        let size = (rows + chunks - 1) / max(1, chunks)
        guard size > 0 else { return }
        for start in stride(from: 0, to: rows, by: size) {
            let range = start..<min(rows, start + size)
            workspace.arena.scratch {
                let logits = idle ?? workspace.allocate(range.count * columns.count)
                backend.multiply(
                    .linear(
                        input + start * dim, weight: linear.weight.value + columns.lowerBound * dim,
                        rows: range.count, inputs: dim, outputs: columns.count, into: logits))
                body(range, logits)
            }
        }
    }
}
