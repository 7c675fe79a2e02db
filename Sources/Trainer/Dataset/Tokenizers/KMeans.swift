import Tensor

/// Lloyd's k-means with seeded random starts; distances come from one matrix product a block.
enum KMeans {
    private static let iterations = 15
    /// Rows whose scores are held at once.
    private static let blockRows = 1024

    /// Centres, one a row; with fewer samples than `count`, samples repeat.
    static func fit(_ samples: Matrix, count: Int, seed: UInt64) -> Matrix {
        var generator = Xoshiro256(seed: seed)
        var order = Array(0..<samples.rows)
        order.shuffle(using: &generator)
        var centres = Matrix(rows: count, columns: samples.columns)
        for centre in 0..<count { centres.setRow(centre, to: samples, row: order[centre % order.count]) }
        var previous: [Int32] = []
        for _ in 0..<iterations {
            let assignment = nearest(samples, centres: centres)
            if assignment == previous { break }
            previous = assignment
            let sizes = accumulate(samples, assignment: assignment, into: &centres)
            // A centre that nobody chose starts again from a random sample.
            for centre in 0..<count where sizes[centre] == 0 {
                centres.setRow(centre, to: samples, row: Int.random(in: 0..<samples.rows, using: &generator))
            }
        }
        return centres
    }

    /// Index of the nearest centre of each sample: the largest x.c - |c|^2 / 2.
    static func nearest(_ samples: Matrix, centres: Matrix) -> [Int32] {
        let width = samples.columns
        let count = centres.rows
        let bias = centres.values.withUnsafeBufferPointer { values in
            (0..<count).map { centre in
                var sum: Float = 0
                for index in centre * width..<(centre + 1) * width { sum += values[index] * values[index] }
                return sum / 2
            }
        }
        var result = [Int32](repeating: 0, count: samples.rows)
        var scores = [Float](repeating: 0, count: min(blockRows, samples.rows) * count)
        let ones = [Float](repeating: 1, count: blockRows)
        for start in stride(from: 0, to: samples.rows, by: blockRows) {
            let rows = min(blockRows, samples.rows - start)
            LinearAlgebra.gemm(m: rows, n: count, k: 1, alpha: -1, a: ones, b: bias, c: &scores)
            samples.values.withUnsafeBufferPointer { values in
                guard let first = values.baseAddress else { return }
                LinearAlgebra.gemm(
                    transposeB: true, m: rows, n: count, k: width, a: first + start * width, b: centres.values,
                    beta: 1, c: &scores)
            }
            scores.withUnsafeBufferPointer { scores in
                for row in 0..<rows { result[start + row] = largest(scores, from: row * count, count: count) }
            }
        }
        return result
    }

    private static func largest(_ scores: UnsafeBufferPointer<Float>, from start: Int, count: Int) -> Int32 {
        var best = -Float.infinity
        var place = 0
        var index = 0
        while index < count {
            let score = scores[start + index]
            if score > best {
                best = score
                place = index
            }
            index += 1
        }
        return Int32(place)
    }

    /// Replaces each chosen centre by the mean of its samples; gives the number of samples of each.
    private static func accumulate(_ samples: Matrix, assignment: [Int32], into centres: inout Matrix) -> [Int] {
        let width = samples.columns
        var sizes = [Int](repeating: 0, count: centres.rows)
        var sums = Matrix(rows: centres.rows, columns: width)
        sums.values.withUnsafeMutableBufferPointer { sums in
            samples.values.withUnsafeBufferPointer { values in
                for (row, centre) in assignment.enumerated() {
                    sizes[Int(centre)] += 1
                    let (from, to) = (row * width, Int(centre) * width)
                    var column = 0
                    while column < width {
                        sums[to + column] += values[from + column]
                        column += 1
                    }
                }
            }
        }
        for centre in 0..<centres.rows where sizes[centre] > 0 {
            let scale = 1 / Float(sizes[centre])
            for column in centre * width..<(centre + 1) * width { centres.values[column] = sums.values[column] * scale }
        }
        return sizes
    }
}

extension Matrix {
    fileprivate mutating func setRow(_ row: Int, to other: Matrix, row source: Int) {
        values.replaceSubrange(
            row * columns..<(row + 1) * columns, with: other.values[source * columns..<(source + 1) * columns])
    }
}
