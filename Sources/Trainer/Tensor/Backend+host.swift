/// What a backend that computes at once, in the host's memory, need not do itself.
extension Backend {
    package func withValues<Result>(
        of buffer: Buffer, count: Int, _ body: (UnsafeBufferPointer<Float>) -> Result
    ) -> Result {
        finish()
        return body(UnsafeBufferPointer(start: buffer, count: count))
    }

    package func reading(_ buffer: Buffer, count: Int) -> Pending<[Float]> {
        Pending(Array(UnsafeBufferPointer(start: buffer, count: count)))
    }

    package func multiply(_ product: MatrixProduct, bias: Buffer?, adding residual: Buffer?) {
        multiply(product)
        if let bias { addRow(product.c, bias, rows: product.m, dim: product.n) }
        if let residual { add(product.c, residual, count: product.m * product.n) }
    }

    package func crossEntropy(_ rows: CrossEntropyRows, losses: Buffer, penalties: Buffer?) {
        let (columns, places) = (rows.columns, rows.targets.enumerated())
        let scale = rows.lossScale.map { lossScale in rows.scale.map { $0 * lossScale.pointee }[...] } ?? rows.scale
        let targetLogits = penalties == nil ? [] : places.map { rows.logits[$0 * columns + Int($1)] }
        let crossEntropy = crossEntropy(
            logits: rows.logits, targets: rows.targets, scale: scale, columns: columns)
        for (row, loss) in crossEntropy.enumerated() { losses[row] = loss }
        guard let penalties else { return }
        // Logits hold scale * (softmax - one hot); the penalty adds scale * 2 zLoss logSum * softmax.
        for (row, target) in places {
            let logSum = crossEntropy[row] + targetLogits[row]
            penalties[row] = rows.zLoss * logSum * logSum
            let (start, share) = (rows.logits + row * columns, 2 * rows.zLoss * logSum)
            for column in 0..<columns { start[column] *= 1 + share }
            start[Int(target)] += scale[scale.startIndex + row] * share
        }
    }

    package func combine(
        _ out: Buffer, own: Float, with input: Buffer, other: Float, count: Int, control: StepControl?, clips: Bool
    ) {
        if own == 0 {
            for index in 0..<count { out[index] = other * input[index] }
        } else {
            for index in 0..<count { out[index] = own * out[index] + other * input[index] }
        }
    }

    package func copy(_ out: Buffer, from input: Buffer, count: Int) { out.update(from: input, count: count) }

    package func normalize(_ out: Buffer, _ input: Buffer, epsilon: Float, count: Int) {
        let scale = Float(1 / (norm(input, count: count) + Double(epsilon)))
        for index in 0..<count { out[index] = input[index] * scale }
    }

    package func exchange(_ left: Buffer, _ right: Buffer, count: Int) {
        for index in 0..<count { (left[index], right[index]) = (right[index], left[index]) }
    }
}
