import Tensor

/// Principal components of a set of vectors: a mean and an orthonormal basis, strongest first.
struct PrincipalComponents: Sendable, Hashable {
    let mean: [Float]
    /// One component a row.
    let basis: Matrix
    /// Variance along each component.
    let variances: [Float]

    static func fit(_ samples: Matrix, components: Int) throws(TensorError) -> PrincipalComponents {
        let mean = samples.meanRow
        var centred = samples
        centred.addToRows(mean, scale: -1)
        let covariance = centred.times(centred, transposeSelf: true)
        let order = samples.columns
        let (values, vectors) = try LinearAlgebra.symmetricEigen(covariance.values, order: order)
        let count = min(components, order)
        var basis: [Float] = []
        basis.reserveCapacity(count * order)
        for index in (order - count..<order).reversed() {
            basis.append(contentsOf: vectors[index * order..<(index + 1) * order])
        }
        let scale = 1 / Float(max(1, samples.rows))
        return PrincipalComponents(
            mean: mean, basis: Matrix(rows: count, columns: order, values: basis),
            variances: values.suffix(count).reversed().map { max(0, $0 * scale) })
    }

    func project(_ samples: Matrix) -> Matrix {
        var projected = samples.times(basis, transposeOther: true)
        let offset = Matrix(rows: 1, columns: mean.count, values: mean).times(basis, transposeOther: true)
        projected.addToRows(offset.values, scale: -1)
        return projected
    }

    func reconstruct(_ coefficients: Matrix) -> Matrix {
        var samples = coefficients.times(basis)
        samples.addToRows(mean)
        return samples
    }
}
