package import Tensor

extension CUDABackend {
    package func attentionForward(_ shape: AttentionShape, _ tensors: AttentionTensors, out: AttentionTensors.Part) {
        perform { () throws(TensorError) in
            let number = number(of: tensors, out)
            let kernels = try kernels(for: shape, number)
            try launch(
                kernels.forward, shape,
                tiles(of: shape.queryLengths, others: shape.keyLengths, rows: kernels.forwardRows),
                [
                    heads(tensors.query), heads(tensors.key), heads(tensors.value), heads(out), .int(shape.headDim),
                    .float(shape.scale),
                ])
        }
    }

    package func attentionBackward(
        _ shape: AttentionShape, _ tensors: AttentionTensors, outGradient: AttentionTensors.Part,
        gradients: AttentionTensors
    ) {
        perform { () throws(TensorError) in
            let number = number(of: tensors, outGradient)
            let kernels = try kernels(for: shape, number)
            let (queries, keys) = (shape.queryLengths, shape.keyLengths)
            let rows = queries.reduce(0, +)
            // Two floats of each query and head.
            let statistics = try scratch.take(bytes: rows * shape.heads * 2 * MemoryLayout<Float>.stride)
            let inputs = [heads(tensors.query), heads(tensors.key), heads(tensors.value), heads(outGradient)]
            let rest: [KernelArgument] = [
                .buffer(statistics), .int(shape.heads), .int(shape.headDim), .float(shape.scale),
            ]
            try launch(
                kernels.backwardQuery, shape,
                tiles(of: queries, others: keys, rows: kernels.backwardRows),
                inputs + [heads(gradients.query)] + rest)
            try launch(
                kernels.backwardKey, shape,
                tiles(of: keys, others: queries, rows: kernels.backwardRows),
                inputs + [heads(gradients.key), heads(gradients.value)] + rest)
        }
    }

    /// As many for all batches that are filled up to the same rows.
    private func tiles(of lengths: [Int], others: [Int], rows: Int) -> [AttentionWork] {
        AttentionWork.tiles(of: lengths, others: others, rows: rows, filledUp: device.isRecording)
    }

    private func heads(_ part: AttentionTensors.Part) -> KernelArgument {
        .heads(resolve(part.pointer).pointer, rowStride: part.rowStride, headStride: part.headStride)
    }

    /// Of parts without rows the address may be nobody's; they are not read.
    private func number(of tensors: AttentionTensors, _ out: AttentionTensors.Part) -> Number {
        let numbers = [tensors.query, tensors.key, tensors.value, out].map { resolve($0.pointer).number }
        return numbers.first { $0 != .float32 } ?? .float32
    }

    private func launch(
        _ kernel: Kernel, _ shape: AttentionShape, _ works: [AttentionWork], _ arguments: [KernelArgument]
    ) throws(TensorError) {
        guard !works.isEmpty else { return }
        try device.launch(
            KernelLaunch(
                kernel, gridX: works.count, gridY: shape.heads, threads: AttentionKernels.threads,
                [.buffer(try inputs.upload(works))] + arguments))
    }

    private func kernels(for shape: AttentionShape, _ number: Number) throws(TensorError) -> AttentionKernels {
        if let kernels = AttentionKernels(headDim: shape.headDim, number) { return kernels }
        throw TensorError(
            .deviceFailed,
            "heads of \(shape.headDim) are wider than the 128 that the attention kernels take; give more heads, or "
                + "use --device cpu")
    }
}

extension AttentionShape {
    fileprivate var scale: Float { 1 / Float(headDim).squareRoot() }
}
