import CKernels

extension CPUBackend {
    package func adamW(
        _ step: AdamWStep, values: Buffer, gradients: Buffer, first: Buffer, second: Buffer, count: Int
    ) {
        forRows(count, of: 1) {
            let start = $0.lowerBound
            adamW(
                step, values: values + start, gradients: gradients + start, first: first + start,
                second: second + start, $0.count)
        }
    }

    package func adamW(
        _ step: AdamWStep, values: Buffer, gradients: Buffer, first: Buffer, second: Buffer, table: TableRows
    ) {
        let dim = table.dim
        let zeros = FloatStorage(count: dim)
        forRows(table.count, of: dim) { rows in
            // Where the rows' gradients begin in the list.
            var next = table.touched.partitioningIndex { $0 >= rows.lowerBound }
            // Rows before this one are done.
            var done = rows.lowerBound
            for row in rows where table.seen[row] {
                kernels.scale(values + done * dim, step.decay, (row - done) * dim)
                done = row + 1
                while next < table.touched.count, table.touched[next] < row { next += 1 }
                let hasGradient = next < table.touched.count && table.touched[next] == row
                let start = row * dim
                adamW(
                    step, values: values + start, gradients: hasGradient ? gradients + start : zeros.pointer,
                    first: first + start, second: second + start, dim)
            }
            kernels.scale(values + done * dim, step.decay, (rows.upperBound - done) * dim)
        }
    }

    /// On the calling thread.
    private func adamW(
        _ step: AdamWStep, values: Buffer, gradients: Buffer, first: Buffer, second: Buffer, _ count: Int
    ) {
        kernels.adamw(
            values, first, second, gradients, count, step.gradientScale, step.beta1, step.beta2, step.decay,
            step.stepSize, step.denominatorScale, step.epsilon)
    }
}

extension [Int32] {
    /// The first index whose element satisfies `isSecond`, which no element before another that does may.
    fileprivate func partitioningIndex(where isSecond: (Int) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isSecond(Int(self[middle])) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
