package import Tensor

/// Losses, and tokens drawn.
extension CUDABackend {
    package func crossEntropy(
        logits: Buffer, targets: ArraySlice<Int32>, scale: ArraySlice<Float>, columns: Int
    ) -> [Float] {
        let rows = CrossEntropyRows(logits: logits, targets: targets, scale: scale, columns: columns)
        let losses = FloatStorage(count: targets.count, memory: stepMemory)
        crossEntropy(rows, losses: losses.pointer, penalties: nil)
        return reading(losses.pointer, count: targets.count).value
    }

    package func crossEntropy(_ rows: CrossEntropyRows, losses: Buffer, penalties: Buffer?) {
        let count = rows.targets.count
        guard count > 0 else { return }
        perform { () throws(TensorError) in
            let logits = resolve(rows.logits)
            let penalties = try penalties.map { (penalties) throws(TensorError) in try float32(penalties) }
            try device.launch(
                KernelLaunch(
                    .crossEntropy(logits.number), gridX: min(count, 65_535), threads: CUDABackend.reducingThreads,
                    [
                        .buffer(logits.pointer), try float32(losses), penalties ?? .buffer(nil),
                        .buffer(try inputs.upload(rows.targets)), .buffer(try inputs.upload(rows.scale)),
                        .buffer(rows.lossScale), .long(count), .int(rows.columns),
                        .float(penalties == nil ? 0 : rows.zLoss),
                    ]))
        }
    }

    package func draw(_ draws: TokenDraws, logits: Buffer) -> [DrawnToken]? {
        let count = draws.rows.count
        // The kernel's INDEX_BITS.
        guard draws.range.count < 1 << 20 else { return nil }
        guard count > 0 else { return [] }
        let copies = perform { () throws(TensorError) in
            let (logits, own) = (resolve(logits + draws.range.lowerBound), MemoryLayout<Int32>.stride * count)
            let tokens = try scratch.take(bytes: own)
            let logProbabilities = try scratch.take(bytes: MemoryLayout<Double>.stride * count)
            try device.launch(
                KernelLaunch(
                    .drawTokens(logits.number), gridX: count, threads: CUDABackend.reducingThreads,
                    [
                        .buffer(tokens), .buffer(logProbabilities), .buffer(logits.pointer),
                        .buffer(try inputs.upload(draws.rows)), .buffer(try inputs.upload(draws.others)),
                        .buffer(try inputs.upload(draws.uniforms)), .int(draws.columns), .int(draws.range.count),
                        .float(draws.guidance), .double(draws.temperature), .int(draws.kept), .double(draws.topP),
                    ]))
            return (
                try device.fetch(tokens, bytes: own),
                try device.fetch(logProbabilities, bytes: MemoryLayout<Double>.stride * count)
            )
        }
        guard let copies, let tokens = bytes(of: copies.0), let logProbabilities = bytes(of: copies.1) else {
            return []
        }
        return tokens.withUnsafeBytes { tokens in
            logProbabilities.withUnsafeBytes { logProbabilities in
                zip(tokens.bindMemory(to: Int32.self), logProbabilities.bindMemory(to: Double.self)).map {
                    DrawnToken(token: Int($0), logProbability: $1)
                }
            }
        }
    }
}
