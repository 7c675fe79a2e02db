import Tensor

/// Muon: momentum whose matrix is made orthogonal before it is applied, for matrices within the network.
///
/// As its author (K. Jordan) defined it, in float32: Nesterov momentum, five Newton-Schulz steps with his coefficients,
/// and a step larger by √(rows / columns) for tall matrices.
final class Muon {
    private let settings: MuonSettings
    private let workspace: Workspace

    init(_ settings: MuonSettings, backend: any Backend) {
        self.settings = settings
        workspace = Workspace(backend: backend)
    }

    /// Changes one matrix; `momentum` is as large and is kept from step to step.
    ///
    /// `rate` is AdamW's. Gradients are multiplied by `gradientScale` as they are read, and by what `control` has decided.
    func step(
        values: Workspace.Buffer, gradients: Workspace.Buffer, momentum: Workspace.Buffer, rows: Int, columns: Int,
        rate: Double, weightDecay: Double, gradientScale: Double, control: StepControl? = nil
    ) {
        let backend = workspace.backend
        workspace.reset()
        let count = rows * columns
        let update = workspace.allocate(count)
        backend.combine(
            update, own: 0, with: gradients, other: Float(gradientScale), count: count, control: control,
            clips: true)
        backend.blend(momentum, with: update, share: Float(1 - settings.momentum), count: count)
        backend.blend(update, with: momentum, share: Float(settings.momentum), count: count)
        let orthogonal = orthogonalised(update, rows: rows, columns: columns)
        let ownRate = rate * settings.rateRatio
        let size = Float(ownRate * max(1, Double(rows) / Double(columns)).squareRoot())
        backend.combine(
            values, own: Float(1 - ownRate * weightDecay), with: orthogonal, other: -size, count: count,
            control: control, clips: false)
    }

    /// Nearly U Vᵀ of the singular value decomposition: X becomes a X + b (X Xᵀ) X + c (X Xᵀ)² X, five times.
    ///
    /// For tall matrices Xᵀ X on the right is the same and smaller.
    func orthogonalised(_ matrix: Workspace.Buffer, rows: Int, columns: Int) -> Workspace.Buffer {
        let (a, b, c): (Float, Float, Float) = (3.4445, -4.7750, 2.0315)
        let (count, order, isTall) = (rows * columns, min(rows, columns), rows > columns)
        var x = workspace.allocate(count)
        var next = workspace.allocate(count)
        let gram = workspace.allocate(order * order)
        let polynomial = workspace.allocate(order * order)
        workspace.backend.normalize(x, matrix, epsilon: 1e-7, count: count)
        for _ in 0..<5 {
            multiply(
                x, lda: columns, x, ldb: columns, into: gram, m: order, n: order, k: max(rows, columns),
                transposeA: isTall, transposeB: !isTall)
            workspace.backend.copy(polynomial, from: gram, count: order * order)
            multiply(
                gram, lda: order, gram, ldb: order, into: polynomial, m: order, n: order, k: order, alpha: c, beta: b)
            workspace.backend.copy(next, from: x, count: count)
            if isTall {
                multiply(
                    x, lda: columns, polynomial, ldb: order, into: next, m: rows, n: columns, k: order, beta: a)
            } else {
                multiply(
                    polynomial, lda: order, x, ldb: columns, into: next, m: rows, n: columns, k: order, beta: a)
            }
            swap(&x, &next)
        }
        return x
    }

    private func multiply(
        _ left: Workspace.Buffer, lda: Int, _ right: Workspace.Buffer, ldb: Int, into out: Workspace.Buffer,
        m: Int, n: Int, k: Int, transposeA: Bool = false, transposeB: Bool = false, alpha: Float = 1, beta: Float = 0
    ) {
        workspace.backend.multiply(
            MatrixProduct(
                m: m, n: n, k: k, a: left, lda: lda, transposeA: transposeA, b: right, ldb: ldb,
                transposeB: transposeB, c: out, ldc: n, alpha: alpha, beta: beta))
    }
}

package struct MuonSettings: Sendable, Hashable {
    /// Learning rate as a multiple of AdamW's, so that one schedule moves both.
    package var rateRatio: Double
    package var momentum: Double

    package init(rateRatio: Double, momentum: Double = 0.95) {
        self.rateRatio = rateRatio
        self.momentum = momentum
    }
}
