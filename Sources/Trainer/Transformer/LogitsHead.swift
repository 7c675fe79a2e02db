import Tensor

/// The last linear layer and the cross-entropy on it, by chunks of rows: rows x vocabulary never exists whole.
struct LogitsHead {
    let linear: Linear

    /// Floats of logits held at once, if at least 16 rows fit: 32 MiB.
    private static let chunkSize = 1 << 23

    private var vocabulary: Int { linear.outputs }
    private var dim: Int { linear.inputs }

    /// Loss of each row. With `inputGradient`, also writes that and adds to the weight's gradient.
    ///
    /// `scale` is what each row's loss counts in the total.
    func loss(
        _ input: Workspace.Buffer, targets: [Int32], scale: [Float], inputGradient: Workspace.Buffer?,
        _ workspace: Workspace
    ) -> [Float] {
        var losses: [Float] = []
        forEachChunk(input, rows: targets.count, workspace) { range, logits in
            losses += workspace.backend.crossEntropy(
                logits: logits, targets: targets[range], scale: scale[range], columns: vocabulary)
            guard let inputGradient else { return }
            let start = range.lowerBound * dim
            workspace.backend.multiply(
                .linearWeightGradient(
                    logits, input: input + start, rows: range.count, inputs: dim, outputs: vocabulary,
                    into: linear.weight.gradient))
            workspace.backend.multiply(
                .linearInputGradient(
                    logits, weight: linear.weight.value, rows: range.count, inputs: dim, outputs: vocabulary,
                    into: inputGradient + start))
        }
        return losses
    }

    /// Visits each row's logits in order.
    func forEachRow(
        _ input: Workspace.Buffer, rows: Int, _ workspace: Workspace,
        _ body: (_ row: Int, _ logits: UnsafeBufferPointer<Float>) -> Void
    ) {
        forEachChunk(input, rows: rows, workspace) { range, logits in
            for row in range {
                let start = logits + (row - range.lowerBound) * vocabulary
                body(row, UnsafeBufferPointer(start: start, count: vocabulary))
            }
        }
    }

    private func forEachChunk(
        _ input: Workspace.Buffer, rows: Int, _ workspace: Workspace,
        _ body: (_ rows: Range<Int>, _ logits: Workspace.Buffer) -> Void
    ) {
        let size = max(16, LogitsHead.chunkSize / vocabulary)
        for start in stride(from: 0, to: rows, by: size) {
            let range = start..<min(rows, start + size)
            workspace.arena.scratch {
                body(range, linear.forward(input + start * dim, rows: range.count, workspace))
            }
        }
    }
}
