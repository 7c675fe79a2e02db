package import Tensor

/// Matrix products, activations and rotations.
extension CUDABackend {
    package func multiply(_ product: MatrixProduct) { multiply(product, bias: nil, adding: nil) }

    package func multiply(_ product: MatrixProduct, bias: Buffer?, adding residual: Buffer?) {
        guard product.m > 0, product.n > 0 else { return }
        guard product.k > 0 else { return multiplyByNothing(product, bias: bias, adding: residual) }
        perform { () throws(TensorError) in
            try device.multiply(try deviceProduct(product, bias: bias, adding: residual))
        }
    }

    private func deviceProduct(
        _ product: MatrixProduct, bias: Buffer?, adding residual: Buffer?
    ) throws(TensorError) -> DeviceProduct {
        let (m, n, k) = (product.m, product.n, product.k)
        let out = resolve(product.c)
        let d = DeviceProduct.Matrix(pointer: out.pointer, stride: product.ldc, number: out.number)
        var result = DeviceProduct(
            m: m, n: n, k: k,
            a: try operand(
                product.a, rows: product.transposeA ? k : m, columns: product.transposeA ? m : k, stride: product.lda),
            transposeA: product.transposeA,
            b: try operand(
                product.b, rows: product.transposeB ? n : k, columns: product.transposeB ? k : n, stride: product.ldb),
            transposeB: product.transposeB, c: d, d: d, alpha: product.alpha, beta: product.beta,
            isTF32: precision == .tf32)
        if let residual {
            let added = resolve(residual)
            guard added.number == out.number else {
                throw TensorError(.deviceFailed, "the model mixed activations and float32; report this")
            }
            result.c = DeviceProduct.Matrix(pointer: added.pointer, stride: product.ldc, number: added.number)
            result.beta = 1
        }
        if let bias {
            result.bias =
                out.number == .float32
                ? resolve(bias).pointer : try operand(bias, rows: 1, columns: n, stride: n).pointer
        }
        return result
    }

    /// A product without terms, as of a batch without inputs: C = beta * C, which cuBLASLt refuses.
    private func multiplyByNothing(_ product: MatrixProduct, bias: Buffer?, adding residual: Buffer?) {
        guard product.beta != 1 || bias != nil || residual != nil else { return }
        let zeros = FloatStorage(count: product.n, memory: memory)
        for row in 0..<product.m {
            let out = product.c + row * product.ldc
            // Whatever it holds may be NaN.
            combine(
                out, own: product.beta, with: zeros.pointer, other: 1, count: product.n, control: nil, clips: false)
        }
        if let bias { addRow(product.c, bias, rows: product.m, dim: product.n) }
        if let residual { add(product.c, residual, count: product.m * product.n) }
    }

    /// What a product reads: activations as they are, weights as they were rounded for this pass, all else rounded now.
    private func operand(
        _ matrix: UnsafePointer<Float>, rows: Int, columns: Int, stride: Int
    ) throws(TensorError) -> DeviceProduct.Matrix {
        let (number, operand) = (precision.number, resolve(matrix))
        if operand.number == number {
            return DeviceProduct.Matrix(pointer: operand.pointer, stride: stride, number: number)
        }
        if let weight = weights.rounded(matrix) {
            return DeviceProduct.Matrix(pointer: weight, stride: stride, number: number)
        }
        // Tensor cores load 16 bytes.
        let outStride = (columns + 7) / 8 * 8
        let out = try scratch.take(bytes: rows * outStride * number.size)
        if rows > 0 {
            try overElements(
                rows * outStride, .round(number),
                [
                    .buffer(out), .buffer(operand.pointer), .long(rows), .int(columns), .int(stride), .int(outStride),
                ])
        }
        return DeviceProduct.Matrix(pointer: out, stride: outStride, number: number)
    }

    /// cuBLASLt's GELU is the approximation by tanh, which is another function than the model's.
    package func multiplyGELU(_ product: MatrixProduct, bias: Buffer?, activated: Buffer) {
        multiply(product)
        guard product.m > 0, product.n > 0 else { return }
        perform { () throws(TensorError) in
            let (buffers, number) = try alike(product.c, activated)
            let bias = try bias.map { (bias) throws(TensorError) in try float32(bias) } ?? .buffer(nil)
            try overElements(
                product.m * product.n, .geluForward(number),
                buffers + [bias, .long(product.m), .int(product.n), .int(product.ldc)])
        }
    }

    package func geluBackward(gradient: Buffer, input: Buffer, count: Int) {
        guard count > 0 else { return }
        perform { () throws(TensorError) in
            let (buffers, number) = try alike(gradient, input)
            try overElements(count, .geluBackward(number), buffers + [.long(count)])
        }
    }

    package func gatedSiLUForward(out: Buffer, input: Buffer, rows: Int, half: Int) {
        guard rows * half > 0 else { return }
        perform { () throws(TensorError) in
            let (buffers, number) = try alike(out, input)
            try overElements(rows * half, .gatedSiLUForward(number), buffers + [.long(rows), .int(half)])
        }
    }

    package func gatedSiLUBackward(
        inputGradient: Buffer, outGradient: Buffer, input: Buffer, rows: Int, half: Int
    ) {
        guard rows * half > 0 else { return }
        perform { () throws(TensorError) in
            let (buffers, number) = try alike(inputGradient, outGradient, input)
            try overElements(rows * half, .gatedSiLUBackward(number), buffers + [.long(rows), .int(half)])
        }
    }

    package func rotate(
        _ part: AttentionTensors.Part, _ rotation: Rotation, positions: [Int32], heads: Int, back: Bool
    ) {
        let count = positions.count * heads * rotation.half
        guard count > 0 else { return }
        perform { () throws(TensorError) in
            let values = resolve(part.pointer)
            try overElements(
                count, .rotate(values.number),
                [
                    .buffer(values.pointer), .buffer(try inputs.upload(positions)),
                    .buffer(rotation.cosines.pointer), .buffer(rotation.sines.pointer), .long(positions.count),
                    .int(part.rowStride), .int(heads), .int(part.headStride), .int(rotation.half),
                    .float(back ? -1 : 1),
                ])
        }
    }
}
