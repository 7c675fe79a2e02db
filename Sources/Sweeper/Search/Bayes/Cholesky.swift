import Glibc

/// The lower triangular L with L Lᵀ = A, for a symmetric positive definite matrix A.
struct Cholesky {
    /// Row i begins at i (i + 1) / 2.
    private let elements: [Double]
    private let count: Int

    static let empty = Cholesky(elements: [], count: 0)

    private init(elements: [Double], count: Int) {
        self.elements = elements
        self.count = count
    }

    /// `lower`: the rows of A up to the diagonal, to which `noise` is added. Nil when A is not positive definite.
    init?(lower: [[Double]], noise: Double) {
        let count = lower.count
        var elements = lower.flatMap(\.self)
        let isPositive = elements.withUnsafeMutableBufferPointer { a in
            for row in 0..<count {
                let start = row * (row + 1) / 2
                for column in 0...row {
                    let other = column * (column + 1) / 2
                    var sum = a[start + column] + (row == column ? noise : 0)
                    for k in 0..<column { sum -= a[start + k] * a[other + k] }
                    if row == column {
                        guard sum > 0 else { return false }
                        a[start + row] = sum.squareRoot()
                    } else {
                        a[start + column] = sum / a[other + column]
                    }
                }
            }
            return true
        }
        guard isPositive else { return nil }
        self.init(elements: elements, count: count)
    }

    /// Half the logarithm of A's determinant.
    var logDiagonal: Double { (0..<count).reduce(0) { $0 + log(elements[$1 * ($1 + 3) / 2]) } }

    /// The x with L x = b.
    func forward(_ b: [Double]) -> [Double] {
        var x = b
        elements.withUnsafeBufferPointer { a in
            x.withUnsafeMutableBufferPointer { x in
                for row in 0..<count {
                    let start = row * (row + 1) / 2
                    var sum = x[row]
                    for k in 0..<row { sum -= a[start + k] * x[k] }
                    x[row] = sum / a[start + row]
                }
            }
        }
        return x
    }

    /// The x with A x = b.
    func solve(_ b: [Double]) -> [Double] {
        var x = forward(b)
        for row in (0..<count).reversed() {
            let start = row * (row + 1) / 2
            x[row] /= elements[start + row]
            for k in 0..<row { x[k] -= elements[start + k] * x[row] }
        }
        return x
    }
}
