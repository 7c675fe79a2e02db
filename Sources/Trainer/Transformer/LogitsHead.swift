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

    /// What each row of targets costs, on the device.
    struct Losses {
        let crossEntropy: Workspace.Buffer
        /// `zLoss` times the squared log-sum-exp; nil without.
        let penalty: Workspace.Buffer?
        let rows: Int
    }

    private var vocabulary: Int { linear.outputs }
    private var dim: Int { linear.inputs }

    /// Loss of each row. With `inputGradient`, also writes that and leaves the weight's gradient.
    ///
    /// `scale` is what each row's loss counts in the total, and `lossScale` what the gradient is multiplied by.
    /// `idle` is memory for logits that nothing else needs now.
    func loss(
        _ input: Workspace.Buffer, targets: [Int32], scale: [Float], lossScale: Workspace.Buffer? = nil,
        inputGradient: Workspace.Buffer?, idle: UnsafeMutableBufferPointer<Float>? = nil, _ workspace: Workspace
    ) -> Losses {
        let losses = Losses(
            crossEntropy: workspace.allocate(targets.count),
            penalty: zLoss > 0 ? workspace.allocate(targets.count) : nil, rows: targets.count)
        if targets.isEmpty, inputGradient != nil, !workspace.accumulates {
            workspace.backend.fill(linear.weight.gradient, with: 0, count: vocabulary * dim)
        }
        forEachChunk(input, rows: targets.count, columns: 0..<vocabulary, idle: idle, workspace) { range, logits in
            let rows = CrossEntropyRows(
                logits: logits, targets: targets[range], scale: scale[range], columns: vocabulary, zLoss: zLoss,
                lossScale: lossScale)
            workspace.backend.crossEntropy(
                rows, losses: losses.crossEntropy + range.lowerBound,
                penalties: losses.penalty.map { $0 + range.lowerBound })
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

    /// Visits each row's logits of some tokens in order.
    func forEachRow(
        _ input: Workspace.Buffer, rows: Int, columns: Range<Int>, _ workspace: Workspace,
        _ body: (_ row: Int, _ logits: UnsafeBufferPointer<Float>) -> Void
    ) {
        let width = columns.count
        forEachChunk(input, rows: rows, columns: columns, workspace) { range, logits in
            workspace.backend.withValues(of: logits, count: range.count * width) { values in
                for row in range {
                    let start = (row - range.lowerBound) * width
                    body(row, UnsafeBufferPointer(rebasing: values[start..<(start + width)]))
                }
            }
        }
    }

    /// Gives all rows' logits of some tokens, where they are, by chunks: those given, or of about equal size.
    func forEachChunk(
        _ input: Workspace.Buffer, rows: Int, columns: Range<Int>, chunks: [Range<Int>]? = nil,
        idle: UnsafeMutableBufferPointer<Float>? = nil, _ workspace: Workspace,
        _ body: (_ rows: Range<Int>, _ logits: Workspace.Buffer) -> Void
    ) {
        var most = mostRows(columns.count, workspace)
        // Idle memory serves if it holds all rows, or no fewer than there would be at once.
        let room = (idle?.count ?? 0) / max(1, columns.count)
        let idle = room >= min(rows, most) ? idle?.baseAddress : nil
        if idle != nil { most = max(1, room) }
        for range in chunks ?? equalChunks(rows, most) {
            workspace.scratch {
                let logits = idle ?? workspace.activation(range.count * columns.count)
                workspace.backend.multiply(
                    .linear(
                        input + range.lowerBound * dim, weight: linear.weight.value + columns.lowerBound * dim,
                        rows: range.count, inputs: dim, outputs: columns.count, into: logits))
                body(range, logits)
            }
        }
    }

    /// Rows whose logits of so many tokens are held at once: 16 at least.
    func mostRows(_ columns: Int, _ workspace: Workspace) -> Int {
        max(16, workspace.backend.logitsAtOnce / max(1, columns))
    }

    private func equalChunks(_ rows: Int, _ most: Int) -> [Range<Int>] {
        let chunks = (rows + most - 1) / most
        let size = (rows + chunks - 1) / max(1, chunks)
        guard size > 0 else { return [] }
        return stride(from: 0, to: rows, by: size).map { $0..<min(rows, $0 + size) }
    }
}
