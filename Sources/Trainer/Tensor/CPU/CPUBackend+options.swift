import CKernels

/// What biases, SwiGLU, rotary positions, Muon and moving averages need.
extension CPUBackend {
    package func addRow(_ out: Buffer, _ row: Buffer, rows: Int, dim: Int) {
        forRows(rows, of: dim) { kernels.add_row(out + $0.lowerBound * dim, row, $0.count, dim) }
    }

    package func addColumnSums(_ out: Buffer, of input: Buffer, rows: Int, dim: Int) {
        // Columns, not rows, are shared out: the same sums for any number of threads.
        forRows(dim, of: rows) { kernels.add_column_sums(out, input, rows, dim, $0.lowerBound, $0.upperBound) }
    }

    package func gatedSiLUForward(out: Buffer, input: Buffer, rows: Int, half: Int) {
        forRows(rows, of: half) {
            let first = $0.lowerBound * half
            kernels.gated_silu_forward(out + first, input + 2 * first, $0.count, half)
        }
    }

    package func gatedSiLUBackward(
        inputGradient: Buffer, outGradient: Buffer, input: Buffer, rows: Int, half: Int
    ) {
        forRows(rows, of: half) {
            let first = $0.lowerBound * half
            kernels.gated_silu_backward(
                inputGradient + 2 * first, outGradient + first, input + 2 * first, $0.count, half)
        }
    }

    package func rotate(
        _ part: AttentionTensors.Part, _ rotation: Rotation, positions: [Int32], heads: Int, back: Bool
    ) {
        positions.withUnsafeBufferPointer { positions in
            guard let first = positions.baseAddress else { return }
            forRows(positions.count, of: heads * rotation.half * 2) {
                kernels.rotate(
                    part.pointer + $0.lowerBound * part.rowStride, first + $0.lowerBound, rotation.cosines.pointer,
                    rotation.sines.pointer, $0.count, part.rowStride, heads, part.headStride, rotation.half,
                    back ? -1 : 1)
            }
        }
    }

    package func blend(_ out: Buffer, with input: Buffer, share: Float, count: Int) {
        forRows(count, of: 1) { kernels.blend(out + $0.lowerBound, input + $0.lowerBound, share, $0.count) }
    }
}
