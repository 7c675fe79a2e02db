import Tensor

/// Lloyd's k-means from seeded k-means++ starts; distances come from one matrix product a block.
enum KMeans {
    private static let iterations = 15
    /// Rows whose scores are held at once.
    private static let blockRows = 1024

    /// Centres, one a row; with fewer different samples than `count`, samples repeat.
    static func fit(_ samples: Matrix, count: Int, seed: UInt64) -> Matrix {
        var centres = starts(samples, count: count, seed: seed)
        var previous: [Int32] = []
        for _ in 0..<iterations {
            let assignment = nearest(samples, centres: centres)
            if assignment == previous { break }
            previous = assignment
            moveToMeans(&centres, of: samples, assignment: assignment)
        }
        return centres
    }

    /// Samples drawn with probability proportional to the squared distance from those drawn so far (Arthur and
    /// Vassilvitskii, 2007): plain random starts would spend nearly all centres on a common background.
    private static func starts(_ samples: Matrix, count: Int, seed: UInt64) -> Matrix {
        var generator = Xoshiro256(seed: seed)
        let width = samples.columns
        let squares = squaredLengths(samples)
        var distances = [Float](repeating: .infinity, count: samples.rows)
        var products = [Float](repeating: 0, count: samples.rows)
        var centres = Matrix(rows: count, columns: width)
        var chosen = Int.random(in: 0..<samples.rows, using: &generator)
        for centre in 0..<count {
            let row = Array(samples.values[chosen * width..<(chosen + 1) * width])
            centres.values.replaceSubrange(centre * width..<(centre + 1) * width, with: row)
            LinearAlgebra.gemm(m: samples.rows, n: 1, k: width, a: samples.values, b: row, c: &products)
            let total = shorten(&distances, squares: squares, products: products, to: chosen)
            chosen = draw(distances, below: generator.uniform() * total) ?? Int.random(in: 0..<samples.rows, using: &generator)
        }
        return centres
    }

    /// Lowers each squared distance to that from sample `chosen` where this is nearer; gives their sum.
    private static func shorten(
        _ distances: inout [Float], squares: [Float], products: [Float], to chosen: Int
    ) -> Double {
        var total = 0.0
        let square = squares[chosen]
        // Differences as small as the rounding of the products are none.
        let noise = square * 1e-5
        distances.withUnsafeMutableBufferPointer { distances in
            products.withUnsafeBufferPointer { products in
                squares.withUnsafeBufferPointer { squares in
                    for row in 0..<distances.count {
                        let distance = squares[row] + square - 2 * products[row]
                        distances[row] = min(distances[row], distance > noise ? distance : 0)
                        total += Double(distances[row])
                    }
                }
            }
        }
        return total
    }

    /// The first index at which the running sum of `weights` exceeds `threshold`.
    private static func draw(_ weights: [Float], below threshold: Double) -> Int? {
        var sum = 0.0
        return weights.firstIndex { weight in
            sum += Double(weight)
            return sum > threshold
        }
    }

    private static func squaredLengths(_ rows: Matrix) -> [Float] {
        rows.values.withUnsafeBufferPointer { values in
            (0..<rows.rows).map { row in
                var sum: Float = 0
                for index in row * rows.columns..<(row + 1) * rows.columns { sum += values[index] * values[index] }
                return sum
            }
        }
    }

    /// Index of the nearest centre of each sample: the largest x.c - |c|^2 / 2.
    static func nearest(_ samples: Matrix, centres: Matrix) -> [Int32] {
        let width = samples.columns
        let count = centres.rows
        let bias = squaredLengths(centres).map { $0 / 2 }
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

    /// Replaces each chosen centre by the mean of its samples; one that nobody chose stays.
    private static func moveToMeans(_ centres: inout Matrix, of samples: Matrix, assignment: [Int32]) {
        let width = samples.columns
        var sizes = [Int](repeating: 0, count: centres.rows)
        var sums = [Float](repeating: 0, count: centres.values.count)
        sums.withUnsafeMutableBufferPointer { sums in
            samples.values.withUnsafeBufferPointer { values in
                for (row, centre) in assignment.enumerated() {
                    sizes[Int(centre)] += 1
                    let (from, to) = (row * width, Int(centre) * width)
                    for column in 0..<width { sums[to + column] += values[from + column] }
                }
            }
        }
        for centre in 0..<centres.rows where sizes[centre] > 0 {
            let scale = 1 / Float(sizes[centre])
            for place in centre * width..<(centre + 1) * width { centres.values[place] = sums[place] * scale }
        }
    }
}
