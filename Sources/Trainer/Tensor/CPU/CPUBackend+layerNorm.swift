import CKernels

extension CPUBackend {
    package func layerNormForward(
        out: Buffer, mean: Buffer, inverseDeviation: Buffer, input: Buffer, weight: Buffer, rows: Int, dim: Int
    ) {
        forRows(rows, of: dim) {
            let first = $0.lowerBound
            kernels.layer_norm_forward(
                out + first * dim, mean + first, inverseDeviation + first, input + first * dim, weight, $0.count, dim)
        }
    }

    package func layerNormBackward(
        inputGradient: Buffer, weightGradient: Buffer, outGradient: Buffer, input: Buffer, mean: Buffer,
        inverseDeviation: Buffer, weight: Buffer, rows: Int, dim: Int
    ) {
        // A weight gradient for each part of a fixed size, added in order: the same for any number of threads.
        let size = max(64, (rows + 31) / 32)
        let parts = (rows + size - 1) / size
        let partial = FloatStorage(count: parts * dim)
        pool.run(pieces: parts) { part, _ in
            let first = part * size
            kernels.layer_norm_backward(
                inputGradient + first * dim, partial.pointer + part * dim, outGradient + first * dim,
                input + first * dim, mean + first, inverseDeviation + first, weight, min(size, rows - first), dim)
        }
        for part in 0..<parts { kernels.add(weightGradient, partial.pointer + part * dim, dim) }
    }
}
