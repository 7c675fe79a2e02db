import Tensor

/// A row-major matrix of floats.
struct Matrix: Sendable, Hashable {
    let rows: Int
    let columns: Int
    var values: [Float]

    init(rows: Int, columns: Int, values: [Float]) {
        self.rows = rows
        self.columns = columns
        self.values = values
    }

    init(rows: Int, columns: Int) {
        self.init(rows: rows, columns: columns, values: [Float](repeating: 0, count: rows * columns))
    }

    /// op(self) * op(other)
    func times(_ other: Matrix, transposeSelf: Bool = false, transposeOther: Bool = false) -> Matrix {
        let m = transposeSelf ? columns : rows
        let k = transposeSelf ? rows : columns
        let n = transposeOther ? other.rows : other.columns
        var result = Matrix(rows: m, columns: n)
        LinearAlgebra.gemm(
            transposeA: transposeSelf, transposeB: transposeOther, m: m, n: n, k: k, a: values, b: other.values,
            c: &result.values)
        return result
    }

    /// Adds `scale * row` to every row, as a product of a column of ones with the row.
    mutating func addToRows(_ row: [Float], scale: Float = 1) {
        let ones = [Float](repeating: 1, count: rows)
        LinearAlgebra.gemm(m: rows, n: columns, k: 1, alpha: scale, a: ones, b: row, beta: 1, c: &values)
    }

    /// The mean of the rows.
    var meanRow: [Float] {
        let share = [Float](repeating: 1 / Float(max(1, rows)), count: rows)
        var mean = [Float](repeating: 0, count: columns)
        LinearAlgebra.gemm(m: 1, n: columns, k: rows, a: share, b: values, c: &mean)
        return mean
    }

    func columnSlice(_ chosen: [Int]) -> Matrix {
        var slice = Matrix(rows: rows, columns: chosen.count)
        for row in 0..<rows {
            for (place, column) in chosen.enumerated() {
                slice.values[row * chosen.count + place] = values[row * columns + column]
            }
        }
        return slice
    }

    /// At most `limit` rows, evenly spread.
    func thinned(to limit: Int) -> Matrix {
        guard rows > limit else { return self }
        var thin: [Float] = []
        thin.reserveCapacity(limit * columns)
        for index in 0..<limit {
            let row = index * rows / limit
            thin.append(contentsOf: values[row * columns..<(row + 1) * columns])
        }
        return Matrix(rows: limit, columns: columns, values: thin)
    }

    static func stacked(_ parts: [Matrix]) -> Matrix {
        Matrix(
            rows: parts.reduce(0) { $0 + $1.rows }, columns: parts.first?.columns ?? 0,
            values: parts.flatMap(\.values))
    }
}
