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
            try device.launch(
                KernelLaunch(
                    .layerNormForward, gridX: blocks, threads: 32 * CUDABackend.rowsOfBlock,
                    [
                        .buffer(out), .buffer(mean), .buffer(inverseDeviation), .buffer(input), .buffer(weight),
                        .long(rows), .int(dim),
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
            try device.launch(
                KernelLaunch(
                    .layerNormBackward, gridX: parts, threads: CUDABackend.reducingThreads,
                    [
                        .buffer(inputGradient), .buffer(partial), .buffer(outGradient), .buffer(input), .buffer(mean),
                        .buffer(inverseDeviation), .buffer(weight), .long(rows), .int(dim),
                    ]))
            try sumColumns(weightGradient, of: partial, rows: parts, dim: dim, rowsOfPart: parts, accumulate: true)
        }
    }

    package func addRow(_ out: Buffer, _ row: Buffer, rows: Int, dim: Int) {
        overElements(rows * dim, .addRow, .buffer(out), .buffer(row), .long(rows), .int(dim))
    }

    package func addColumnSums(_ out: Buffer, of input: Buffer, rows: Int, dim: Int) {
        guard rows > 0, dim > 0 else { return }
        perform { () throws(TensorError) in
            let rowsOfPart = max(64, (rows + CUDABackend.mostParts - 1) / CUDABackend.mostParts)
            let parts = (rows + rowsOfPart - 1) / rowsOfPart
            let partial = try scratch.take(bytes: parts * dim * MemoryLayout<Float>.stride)
            try sumColumns(partial, of: input, rows: rows, dim: dim, rowsOfPart: rowsOfPart, accumulate: false)
            try sumColumns(out, of: partial, rows: parts, dim: dim, rowsOfPart: parts, accumulate: true)
        }
    }

    /// One row of sums for each part of the rows.
    private func sumColumns(
        _ out: UnsafeMutableRawPointer, of input: UnsafeMutableRawPointer, rows: Int, dim: Int, rowsOfPart: Int,
        accumulate: Bool
    ) throws(TensorError) {
        try device.launch(
            KernelLaunch(
                .columnSums, gridX: (dim + 31) / 32, gridY: (rows + rowsOfPart - 1) / rowsOfPart, threads: 512,
                [
                    .buffer(out), .buffer(input), .long(rows), .int(dim), .long(rowsOfPart), .int(accumulate ? 1 : 0),
                ]))
    }

    package func gather(out: Buffer, table: Buffer, indices: [Int32], dim: Int, accumulate: Bool) {
        guard !indices.isEmpty else { return }
        let blocks = min((indices.count * dim + 255) / 256, CUDABackend.mostBlocks)
        perform { () throws(TensorError) in
            try device.launch(
                KernelLaunch(
                    .gather, gridX: blocks, threads: CUDABackend.threads,
                    [
                        .buffer(out), .buffer(table), .buffer(try scratch.upload(indices)), .long(indices.count),
                        .int(dim), .int(accumulate ? 1 : 0),
                    ]))
        }
    }

    package func scatterAdd(table: Buffer, input: Buffer, indices: [Int32], dim: Int) {
        guard !indices.isEmpty else { return }
        let groups = RowGroups(indices)
        perform { () throws(TensorError) in
            try device.launch(
                KernelLaunch(
                    .scatterAdd, gridX: groups.targets.count, gridY: (dim + 31) / 32, threads: 512,
                    [
                        .buffer(table), .buffer(input), .buffer(try scratch.upload(groups.targets)),
                        .buffer(try scratch.upload(groups.starts)), .buffer(try scratch.upload(groups.order)),
                        .int(dim),
                    ]))
        }
    }

    package func crossEntropy(
        logits: Buffer, targets: ArraySlice<Int32>, scale: ArraySlice<Float>, columns: Int
    ) -> [Float] {
        guard !targets.isEmpty else { return [] }
        let losses = perform { () throws(TensorError) in
            let losses = try scratch.take(bytes: targets.count * MemoryLayout<Float>.stride)
            try device.launch(
                KernelLaunch(
                    .crossEntropy, gridX: min(targets.count, 65_535), threads: CUDABackend.reducingThreads,
                    [
                        .buffer(logits), .buffer(losses), .buffer(try scratch.upload(targets)),
                        .buffer(try scratch.upload(scale)), .long(targets.count), .int(columns),
                    ]))
            return try downloadFloats(losses, count: targets.count)
        }
        return losses ?? [Float](repeating: .nan, count: targets.count)
    }

    private func downloadFloats(_ pointer: UnsafeMutableRawPointer, count: Int) throws(TensorError) -> [Float] {
        var floats = [Float](repeating: 0, count: count)
        var failure: TensorError?
        floats.withUnsafeMutableBytes { bytes in
            do throws(TensorError) { try device.download(pointer, to: bytes) } catch { failure = error }
        }
        if let failure { throw failure }
        return floats
    }
}
