package import Tensor

/// What works by rows: norms of rows, biases, embeddings, losses.
extension CUDABackend {
    /// Warps, and thus rows, of a block of the kernels that give each row a warp.
    private static let rowsOfBlock = 4
    /// Parts that the rows are cut in where columns are summed up: the same for any device, as are thus the sums.
    private static let mostParts = 512
    /// Widest row of the layer norm's backward pass: the kernel's WIDEST.
    static let widestRow = 8192

    package func layerNormForward(
        out: Buffer, mean: Buffer, inverseDeviation: Buffer, input: Buffer, weight: Buffer, rows: Int, dim: Int
    ) {
        guard rows > 0 else { return }
        let blocks = min((rows + CUDABackend.rowsOfBlock - 1) / CUDABackend.rowsOfBlock, CUDABackend.mostBlocks)
        perform { () throws(TensorError) in
            let out = resolve(out)
            try device.launch(
                KernelLaunch(
                    .layerNormForward(out.number), gridX: blocks, threads: 32 * CUDABackend.rowsOfBlock,
                    [
                        .buffer(out.pointer), try float32(mean), try float32(inverseDeviation), try float32(input),
                        try float32(weight), .long(rows), .int(dim),
                    ]))
        }
    }

    package func layerNormBackward(
        inputGradient: Buffer, weightGradient: Buffer, outGradient: Buffer, input: Buffer, mean: Buffer,
        inverseDeviation: Buffer, weight: Buffer, rows: Int, dim: Int
    ) {
        guard rows > 0 else { return }
        perform { () throws(TensorError) in
            guard dim <= CUDABackend.widestRow else {
                throw TensorError(
                    .deviceFailed,
                    "rows of \(dim) are wider than the \(CUDABackend.widestRow) that layer norm's kernel takes; "
                        + "use --device cpu or a smaller dim")
            }
            let parts = min(rows, CUDABackend.mostParts)
            let partial = try scratch.take(bytes: parts * dim * MemoryLayout<Float>.stride)
            let gradient = resolve(outGradient)
            try device.launch(
                KernelLaunch(
                    .layerNormBackward(gradient.number), gridX: parts, threads: CUDABackend.reducingThreads,
                    [
                        try float32(inputGradient), .buffer(partial), .buffer(gradient.pointer), try float32(input),
                        try float32(mean), try float32(inverseDeviation), try float32(weight), .long(rows), .int(dim),
                    ]))
            try sumColumns(
                try float32(weightGradient), of: Operand(pointer: partial, number: .float32), rows: parts, dim: dim,
                rowsOfPart: parts, accumulate: true)
        }
    }

    package func addRow(_ out: Buffer, _ row: Buffer, rows: Int, dim: Int) {
        guard rows * dim > 0 else { return }
        perform { () throws(TensorError) in
            let out = resolve(out)
            try overElements(
                rows * dim, .addRow(out.number), [.buffer(out.pointer), try float32(row), .long(rows), .int(dim)])
        }
    }

    package func addColumnSums(_ out: Buffer, of input: Buffer, rows: Int, dim: Int) {
        guard rows > 0, dim > 0 else { return }
        perform { () throws(TensorError) in
            let rowsOfPart = max(64, (rows + CUDABackend.mostParts - 1) / CUDABackend.mostParts)
            let parts = (rows + rowsOfPart - 1) / rowsOfPart
            let partial = try scratch.take(bytes: parts * dim * MemoryLayout<Float>.stride)
            try sumColumns(
                .buffer(partial), of: resolve(input), rows: rows, dim: dim, rowsOfPart: rowsOfPart, accumulate: false)
            try sumColumns(
                try float32(out), of: Operand(pointer: partial, number: .float32), rows: parts, dim: dim,
                rowsOfPart: parts, accumulate: true)
        }
    }

    /// One row of sums for each part of the rows.
    private func sumColumns(
        _ out: KernelArgument, of input: Operand, rows: Int, dim: Int, rowsOfPart: Int, accumulate: Bool
    ) throws(TensorError) {
        try device.launch(
            KernelLaunch(
                .columnSums(input.number), gridX: (dim + 31) / 32, gridY: (rows + rowsOfPart - 1) / rowsOfPart,
                threads: 512,
                [
                    out, .buffer(input.pointer), .long(rows), .int(dim), .long(rowsOfPart), .int(accumulate ? 1 : 0),
                ]))
    }

    package func gather(out: Buffer, table: Buffer, indices: [Int32], dim: Int, accumulate: Bool) {
        guard !indices.isEmpty, dim > 0 else { return }
        perform { () throws(TensorError) in
            try overElements(
                indices.count * dim, .gather,
                [
                    try float32(out), try float32(table), .buffer(try inputs.upload(indices)), .long(indices.count),
                    .int(dim), .int(accumulate ? 1 : 0),
                ])
        }
    }

    package func scatterAdd(table: Buffer, input: Buffer, indices: [Int32], dim: Int) {
        guard !indices.isEmpty else { return }
        let groups = RowGroups(indices, filledUp: device.isRecording)
        perform { () throws(TensorError) in
            try device.launch(
                KernelLaunch(
                    .scatterAdd, gridX: groups.targets.count, gridY: (dim + 31) / 32, threads: 512,
                    [
                        try float32(table), try float32(input), .buffer(try inputs.upload(groups.targets)),
                        .buffer(try inputs.upload(groups.starts)), .buffer(try inputs.upload(groups.order)),
                        .int(dim),
                    ]))
        }
    }
}
