import CKernels

extension CPUBackend {
    package func attentionForward(_ shape: AttentionShape, _ tensors: AttentionTensors, out: AttentionTensors.Part) {
        reserveScratch(shape.largestScores)
        forEachHead(shape) { place, worker in
            guard place.keys > 0 else { return place.clearQueryRows(of: out, shape.headDim) }
            let scores = scratch[worker].pointer
            probabilities(place, shape, tensors, into: scores, worker)
            multiply(
                MatrixProduct(
                    m: place.queries, n: shape.headDim, k: place.keys, a: scores, lda: place.keys,
                    b: place.key(tensors.value), ldb: tensors.value.rowStride, c: place.query(out), ldc: out.rowStride),
                worker)
        }
    }

    /// The probabilities are computed again instead of kept: they would be the largest of all activations.
    package func attentionBackward(
        _ shape: AttentionShape, _ tensors: AttentionTensors, outGradient: AttentionTensors.Part,
        gradients: AttentionTensors
    ) {
        let (size, dim) = (shape.largestScores, shape.headDim)
        reserveScratch(2 * size)
        forEachHead(shape) { place, worker in
            guard place.queries > 0, place.keys > 0 else {
                place.clearQueryRows(of: gradients.query, dim)
                place.clearKeyRows(of: gradients.key, dim)
                place.clearKeyRows(of: gradients.value, dim)
                return
            }
            let (queries, keys) = (place.queries, place.keys)
            let probabilities = scratch[worker].pointer
            let scoreGradient = probabilities + size
            let outGradientRows = place.query(outGradient)
            self.probabilities(place, shape, tensors, into: probabilities, worker)
            multiply(
                MatrixProduct(
                    m: keys, n: dim, k: queries, a: probabilities, lda: keys, transposeA: true, b: outGradientRows,
                    ldb: outGradient.rowStride, c: place.key(gradients.value), ldc: gradients.value.rowStride),
                worker)
            multiply(
                MatrixProduct(
                    m: queries, n: keys, k: dim, a: outGradientRows, lda: outGradient.rowStride,
                    b: place.key(tensors.value), ldb: tensors.value.rowStride, transposeB: true, c: scoreGradient,
                    ldc: keys),
                worker)
            kernels.softmax_backward(scoreGradient, probabilities, queries, keys, shape.scale)
            multiply(
                MatrixProduct(
                    m: queries, n: dim, k: keys, a: scoreGradient, lda: keys, b: place.key(tensors.key),
                    ldb: tensors.key.rowStride, c: place.query(gradients.query), ldc: gradients.query.rowStride),
                worker)
            multiply(
                MatrixProduct(
                    m: keys, n: dim, k: queries, a: scoreGradient, lda: keys, transposeA: true,
                    b: place.query(tensors.query), ldb: tensors.query.rowStride, c: place.key(gradients.key),
                    ldc: gradients.key.rowStride),
                worker)
        }
    }

    /// softmax(q kᵀ * scale) of one head, [queries, keys].
    private func probabilities(
        _ place: HeadPlace, _ shape: AttentionShape, _ tensors: AttentionTensors, into scores: Buffer,
        _ worker: Int
    ) {
        multiply(
            MatrixProduct(
                m: place.queries, n: place.keys, k: shape.headDim, a: place.query(tensors.query),
                lda: tensors.query.rowStride, b: place.key(tensors.key), ldb: tensors.key.rowStride, transposeB: true,
                c: scores, ldc: place.keys),
            worker)
        kernels.softmax_forward(scores, place.queries, place.keys, shape.scale)
    }

    private func forEachHead(_ shape: AttentionShape, _ body: (HeadPlace, Int) -> Void) {
        var places: [HeadPlace] = []
        var (queryStart, keyStart) = (0, 0)
        for (queries, keys) in zip(shape.queryLengths, shape.keyLengths) {
            for head in 0..<shape.heads {
                places.append(
                    HeadPlace(queryStart: queryStart, queries: queries, keyStart: keyStart, keys: keys, head: head))
            }
            queryStart += queries
            keyStart += keys
        }
        // The longest first, so that threads end at about the same time.
        places.sort { $0.queries * $0.keys > $1.queries * $1.keys }
        pool.run(pieces: places.count) { piece, worker in body(places[piece], worker) }
    }

    private func reserveScratch(_ count: Int) {
        guard scratch[0].count < count else { return }
        scratch = scratch.map { _ in FloatStorage(count: count) }
    }
}

/// One head of one sample: the rows it takes of queries and keys.
private struct HeadPlace {
    let queryStart: Int
    let queries: Int
    let keyStart: Int
    let keys: Int
    let head: Int

    func query(_ part: AttentionTensors.Part) -> UnsafeMutablePointer<Float> { part.at(row: queryStart, head: head) }
    func key(_ part: AttentionTensors.Part) -> UnsafeMutablePointer<Float> { part.at(row: keyStart, head: head) }

    func clearQueryRows(of part: AttentionTensors.Part, _ dim: Int) {
        for row in 0..<queries { (query(part) + row * part.rowStride).update(repeating: 0, count: dim) }
    }

    func clearKeyRows(of part: AttentionTensors.Part, _ dim: Int) {
        for row in 0..<keys { (key(part) + row * part.rowStride).update(repeating: 0, count: dim) }
    }
}

extension AttentionShape {
    fileprivate var scale: Float { 1 / Float(headDim).squareRoot() }

    /// Elements of the largest sample's scores, rounded up to keep a second array aligned.
    fileprivate var largestScores: Int {
        (zip(queryLengths, keyLengths).map(*).max() ?? 0) + 15 & ~15
    }
}
