package import Tensor

/// Matrix products, activations and rotations.
extension CUDABackend {
    package func multiply(_ product: MatrixProduct) {
        guard product.m > 0, product.n > 0 else { return }
        guard product.k > 0 else { return multiplyByNothing(product) }
        perform { () throws(TensorError) in
            try device.multiply(product, rounded: precision == .bfloat16 ? try rounded(product) : nil)
        }
    }

    /// A product without terms, as of a batch without inputs: C = beta * C, which cuBLASLt refuses.
    private func multiplyByNothing(_ product: MatrixProduct) {
        guard product.beta != 1 else { return }
        let zeros = FloatStorage(count: product.n, memory: memory)
        for row in 0..<product.m {
            let out = product.c + row * product.ldc
            if product.beta == 0 {
                // Whatever it holds, NaN too.
                fill(out, with: 0, count: product.n)
            } else {
                blend(out, with: zeros.pointer, share: 1 - product.beta, count: product.n)
            }
        }
    }

    private func rounded(_ product: MatrixProduct) throws(TensorError) -> RoundedOperands {
        let (m, n, k) = (product.m, product.n, product.k)
        let a = try rounded(
            product.a, rows: product.transposeA ? k : m, columns: product.transposeA ? m : k, stride: product.lda)
        let b = try rounded(
            product.b, rows: product.transposeB ? n : k, columns: product.transposeB ? k : n, stride: product.ldb)
        return RoundedOperands(a: a.pointer, lda: a.stride, b: b.pointer, ldb: b.stride)
    }

    private func rounded(
        _ matrix: UnsafePointer<Float>, rows: Int, columns: Int, stride: Int
    ) throws(TensorError) -> (pointer: UnsafeMutableRawPointer, stride: Int) {
        let outStride = (columns + 7) / 8 * 8
        let out = try scratch.take(bytes: rows * outStride * MemoryLayout<UInt16>.stride)
        guard rows > 0 else { return (out, outStride) }
        try device.launch(
            KernelLaunch(
                .toBFloat16, gridX: min((rows * outStride + 255) / 256, CUDABackend.mostBlocks),
                threads: CUDABackend.threads,
                [
                    .buffer(out), .buffer(UnsafeMutableRawPointer(mutating: matrix)), .long(rows), .int(columns),
                    .int(stride), .int(outStride),
                ]))
        return (out, outStride)
    }

    package func multiplyGELU(_ product: MatrixProduct, bias: Buffer?, activated: Buffer) {
        multiply(product)
        overElements(
            product.m * product.n, .geluForward, .buffer(product.c), .buffer(activated),
            .buffer(bias.map { UnsafeMutableRawPointer($0) }), .long(product.m), .int(product.n), .int(product.ldc))
    }

    package func geluBackward(gradient: Buffer, input: Buffer, count: Int) {
        overElements(count, .geluBackward, .buffer(gradient), .buffer(input), .long(count))
    }

    package func gatedSiLUForward(out: Buffer, input: Buffer, rows: Int, half: Int) {
        overElements(rows * half, .gatedSiLUForward, .buffer(out), .buffer(input), .long(rows), .int(half))
    }

    package func gatedSiLUBackward(
        inputGradient: Buffer, outGradient: Buffer, input: Buffer, rows: Int, half: Int
    ) {
        overElements(
            rows * half, .gatedSiLUBackward, .buffer(inputGradient), .buffer(outGradient), .buffer(input),
            .long(rows), .int(half))
    }

    package func rotate(
        _ part: AttentionTensors.Part, _ rotation: Rotation, positions: [Int32], heads: Int, back: Bool
    ) {
        let count = positions.count * heads * rotation.half
        guard count > 0 else { return }
        perform { () throws(TensorError) in
            try device.launch(
                KernelLaunch(
                    .rotate, gridX: min((count + 255) / 256, CUDABackend.mostBlocks), threads: CUDABackend.threads,
                    [
                        .buffer(part.pointer), .buffer(try scratch.upload(positions)),
                        .buffer(rotation.cosines.pointer), .buffer(rotation.sines.pointer), .long(positions.count),
                        .int(part.rowStride), .int(heads), .int(part.headStride), .int(rotation.half),
                        .float(back ? -1 : 1),
                    ]))
        }
    }
}
