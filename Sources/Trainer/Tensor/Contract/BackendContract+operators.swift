extension BackendContract {
    mutating func elements() {
        for count in [1, 257, 70_001] {
            let (x, y) = (twin(count, seed: 1), twin(count, seed: 2))
            both { $0.add($1(x), $1(y), count: count) }
            both { $0.blend($1(x), with: $1(y), share: 0.3, count: count) }
            compare("add and blend \(count)", x)
            both { $0.geluBackward(gradient: $1(y), input: $1(x), count: count) }
            compare("gelu backward \(count)", x, y)
            let (m, v) = (twin(count, seed: 3), twin(count, seed: 4, shift: 9))
            let step = AdamWStep(
                beta1: 0.9, beta2: 0.95, epsilon: 1e-8, decay: 0.99, stepSize: 0.02, denominatorScale: 1.5,
                gradientScale: 0.7)
            both { $0.adamW(step, values: $1(x), gradients: $1(y), first: $1(m), second: $1(v), count: count) }
            compare("adamw \(count)", x, m, v)
            var norms: [Double] = []
            both { norms.append($0.norm($1(y), count: count)) }
            note("norm \(count)", [abs(norms[1] - norms[0]) / norms[0]])
            both { $0.fill($1(x), with: 0.5, count: count) }
            compare("fill \(count)", x)
        }
    }

    mutating func rows() {
        for (rows, dim) in [(1, 1), (9, 100), (70, 512), (3, 2050)] {
            let shape = "\(rows) x \(dim)"
            let (x, w, g) = (
                twin(rows * dim, seed: 1, shift: 2), twin(dim, seed: 2), twin(rows * dim, seed: 3)
            )
            let (out, mean, inverse) = (twin(rows * dim, seed: 4), twin(rows, seed: 5), twin(rows, seed: 6))
            both {
                $0.layerNormForward(
                    out: $1(out), mean: $1(mean), inverseDeviation: $1(inverse), input: $1(x), weight: $1(w),
                    rows: rows, dim: dim)
            }
            // One element has no deviation but epsilon's root, and its gradient is the difference of equals.
            compare("layer norm \(shape)", out, mean, inverse)
            let (dx, dw) = (twin(rows * dim, seed: 7), twin(dim, seed: 8))
            both {
                $0.layerNormBackward(
                    inputGradient: $1(dx), weightGradient: $1(dw), outGradient: $1(g), input: $1(x), mean: $1(mean),
                    inverseDeviation: $1(inverse), weight: $1(w), rows: rows, dim: dim)
            }
            compare("layer norm backward \(shape)", dx, dw)
            both { $0.addRow($1(out), $1(w), rows: rows, dim: dim) }
            both { $0.addColumnSums($1(dw), of: $1(x), rows: rows, dim: dim) }
            compare("bias and its gradient \(shape)", out, dw)
            let (wide, gated) = (twin(2 * rows * dim, seed: 9), twin(2 * rows * dim, seed: 10))
            both { $0.gatedSiLUForward(out: $1(out), input: $1(wide), rows: rows, half: dim) }
            both {
                $0.gatedSiLUBackward(
                    inputGradient: $1(gated), outGradient: $1(g), input: $1(wide), rows: rows, half: dim)
            }
            compare("gated silu \(shape)", out, gated)
        }
        for (rows, columns) in [(1, 2), (5, 257), (3, 64_000)] {
            let logits = twin(rows * columns, seed: 1, shift: 20, scale: 6)
            let targets = (0..<rows).map { Int32($0 == 0 ? columns - 1 : $0 * 7 % columns) }
            let scale = (0..<rows).map { 0.5 + Float($0) }
            var losses: [[Float]] = []
            both {
                losses.append(
                    $0.crossEntropy(logits: $1(logits), targets: targets[...], scale: scale[...], columns: columns))
            }
            compare("cross-entropy's gradient \(rows) x \(columns)", logits)
            note("cross-entropy \(rows) x \(columns)", [BackendContract.error(losses[1], losses[0])])
            // Not those above, which are nearly equal: the reference adds them up in float32, one by one.
            let others = twin(rows * columns, seed: 5, shift: 20, scale: 6)
            let (rowLosses, penalties, lossScale) = (
                twin(rows, seed: 2), twin(rows, seed: 3), twin(1, seed: 4, shift: 8)
            )
            both {
                let work = CrossEntropyRows(
                    logits: $1(others), targets: targets[...], scale: scale[...], columns: columns, zLoss: 0.01,
                    lossScale: $1(lossScale))
                $0.crossEntropy(work, losses: $1(rowLosses), penalties: $1(penalties))
            }
            compare("cross-entropy with penalty and scale \(rows) x \(columns)", others, rowLosses, penalties)
        }
    }

    mutating func tables() {
        for dim in [1, 40, 512] {
            let indices: [Int32] = [4, 0, 4, 9, 1, 4] + [Int32](repeating: 2, count: 40)
            let (table, out) = (twin(10 * dim, seed: 1), twin(indices.count * dim, seed: 2))
            both { $0.gather(out: $1(out), table: $1(table), indices: indices, dim: dim, accumulate: true) }
            both { $0.scatterAdd(table: $1(table), input: $1(out), indices: indices, dim: dim) }
            compare("gather and scatter rows of \(dim)", table, out)
        }
        for headDim in [2, 64] {
            let positions: [Int32] = [3, 0, 11, 3]
            let (heads, stride) = (3, 3 * headDim + 5)
            let x = twin(positions.count * stride, seed: 1)
            let own = Rotation(positions: 12, headDim: headDim, memory: memory)
            let expected = Rotation(positions: 12, headDim: headDim)
            both { backend, pick in
                backend.rotate(
                    .init(pick(x), rowStride: stride, headStride: headDim),
                    pick(x) == x.tested.pointer ? own : expected, positions: positions, heads: heads, back: false)
            }
            compare("rotation, heads of \(headDim)", x)
        }
    }

    mutating func products() {
        for (m, n, k) in [(1, 1, 1), (6, 37, 5), (130, 96, 65), (200, 512, 512)] {
            for (transposeA, transposeB) in [(false, false), (false, true), (true, false)] {
                let (a, b, c) = (twin(m * k, seed: 1), twin(n * k, seed: 2), twin(m * n, seed: 3))
                both {
                    $0.multiply(
                        MatrixProduct(
                            m: m, n: n, k: k, a: $1(a), lda: transposeA ? m : k, transposeA: transposeA, b: $1(b),
                            ldb: transposeB ? k : n, transposeB: transposeB, c: $1(c), ldc: n, alpha: 0.5, beta: 1))
                }
                let kind = transposeA ? "tn" : transposeB ? "nt" : "nn"
                compare("product \(kind) \(m) x \(k) x \(n)", c, isProduct: true)
            }
            let (a, b, bias) = (twin(m * k, seed: 1), twin(n * k, seed: 2), twin(n, seed: 4))
            let (c, activated) = (twin(m * n, seed: 3), twin(m * n, seed: 5))
            both {
                $0.multiplyGELU(
                    MatrixProduct(
                        m: m, n: n, k: k, a: $1(a), lda: k, b: $1(b), ldb: k, transposeB: true, c: $1(c), ldc: n),
                    bias: $1(bias), activated: $1(activated))
            }
            compare("product, bias and gelu \(m) x \(k) x \(n)", c, activated, isProduct: true)
        }
    }

    mutating func attention() {
        for (queries, keys, heads, headDim) in [
            ([1], [1], 1, 32), ([3, 0, 2, 0, 5], [2, 4, 0, 0, 40], 2, 32), ([15, 16, 17], [31, 32, 33], 2, 64),
            ([128, 70], [65, 128], 2, 64), ([40, 17], [33, 18], 1, 128),
        ] {
            let (rows, keyRows, dim) = (queries.reduce(0, +), keys.reduce(0, +), heads * headDim)
            let shape = AttentionShape(queryLengths: queries, keyLengths: keys, heads: heads, headDim: headDim)
            let (q, kv) = (twin(rows * dim, seed: 1), twin(keyRows * 2 * dim, seed: 2))
            let (out, g) = (twin(rows * dim, seed: 3), twin(rows * dim, seed: 4))
            let (dq, dkv) = (twin(rows * dim, seed: 5), twin(keyRows * 2 * dim, seed: 6))
            func part(_ pointer: Buffer, _ stride: Int) -> AttentionTensors.Part {
                .init(pointer, rowStride: stride, headStride: headDim)
            }
            func tensors(_ q: Buffer, _ kv: Buffer) -> AttentionTensors {
                AttentionTensors(query: part(q, dim), key: part(kv, 2 * dim), value: part(kv + dim, 2 * dim))
            }
            both { $0.attentionForward(shape, tensors($1(q), $1(kv)), out: part($1(out), dim)) }
            both {
                $0.attentionBackward(
                    shape, tensors($1(q), $1(kv)), outGradient: part($1(g), dim), gradients: tensors($1(dq), $1(dkv)))
            }
            let name = "\(queries.count) samples, \(heads) heads of \(headDim)"
            compare("attention, \(name)", out, isProduct: true)
            compare("attention backward, \(name)", dq, dkv, isProduct: true)
        }
    }
}
