import Glibc

/// A density over the unit cube: a kernel around each of some points and one, the prior, that covers everything, all
/// with the same weight.
///
/// A kernel is a product over the coordinates, so that what belongs together is found together (the multivariate
/// estimator of Falkner, Klein and Hutter, BOHB, 2018, equation 2):
///
/// - a number x around m: the normal density with mean m and deviation s, cut off outside [0, 1], with Scott's
///   s = 0.2 n^(-1 / (d + 4)), but not narrower than 1 / min(100, n + 1) nor than the steps between values
///   (Watanabe, Tree-Structured Parzen Estimator, 2023, section 3.3);
/// - a choice: its own value with the weight n / (n + C) for C values, the prior with the rest (Aitchison and Aitken);
/// - a parameter that does not exist in the point, a coordinate that is not a number: the prior.
struct ParzenEstimator {
    enum Coordinate: Sendable {
        /// `step`: how far apart values are at least, 0 for a continuous one.
        case number(step: Double)
        /// Places of the values and their prior probabilities.
        case choice([Double: Double])
    }

    private let coordinates: [Coordinate]
    /// How many points there are.
    private let count: Int
    /// Coordinate c of point k at c * count + k: a candidate is compared with all points in one go.
    private let columns: [Double]
    private let deviations: [Double]
    /// Of each kernel and its numbers: the logarithm of what makes its integral 1.
    private let normalisers: [Double]

    init(_ points: [[Double]], _ coordinates: [Coordinate]) {
        self.coordinates = coordinates
        self.count = points.count
        let size = Double(max(1, points.count))
        let scott = 0.2 * pow(size, -1 / Double(coordinates.count + 4))
        let deviations = coordinates.map { coordinate -> Double in
            if case .number(let step) = coordinate { max(scott, 1 / min(100, size + 1), step / 2) } else { 0 }
        }
        self.deviations = deviations
        var columns = [Double](repeating: 0, count: points.count * coordinates.count)
        var normalisers = [Double](repeating: 0, count: points.count)
        for (coordinate, deviation) in deviations.enumerated() {
            let start = coordinate * points.count
            for (kernel, point) in points.enumerated() { columns[start + kernel] = point[coordinate] }
            guard deviation > 0 else { continue }
            var mass = KernelMass(deviation)
            for kernel in points.indices where !columns[start + kernel].isNaN {
                normalisers[kernel] -= mass.log(around: columns[start + kernel])
            }
        }
        self.columns = columns
        self.normalisers = normalisers
    }

    func sample(_ generator: inout SeededGenerator) -> [Double] {
        let index = Int(generator.next() % UInt64(count + 1))
        let weight = Double(count)
        return coordinates.indices.map { coordinate in
            let uniform = generator.uniform()
            guard index < count else { return uniform }
            let centre = columns[coordinate * count + index]
            if centre.isNaN { return uniform }
            switch coordinates[coordinate] {
            case .choice(let places):
                return generator.uniform() < weight / (weight + Double(places.count)) ? centre : uniform
            case .number:
                // By its inverse: a uniform number between the probabilities of the two bounds.
                let deviation = deviations[coordinate]
                let low = NormalDistribution.cumulative(-centre / deviation)
                let high = NormalDistribution.cumulative((1 - centre) / deviation)
                return min(1, max(0, centre + deviation * NormalDistribution.quantile(low + uniform * (high - low))))
            }
        }
    }

    /// Coordinates of `point` that are not numbers are integrated out.
    func logDensity(_ point: [Double]) -> Double {
        let weight = Double(count)
        var prior = 0.0
        /// Numbers: coordinate, value, 1 / (2 deviation²). Choices: coordinate, place, log density where it is the
        /// kernel's own, where it is another, and of the prior.
        var numbers: [(index: Int, value: Double, precision: Double)] = []
        var choices: [(index: Int, place: Double, own: Double, other: Double, prior: Double)] = []
        for (index, coordinate) in coordinates.enumerated() where !point[index].isNaN {
            switch coordinate {
            case .number: numbers.append((index, point[index], 0.5 / (deviations[index] * deviations[index])))
            case .choice(let places):
                let share = weight / (weight + Double(places.count))
                let probability = max(places[point[index]] ?? 0, 1e-12)
                let other = log((1 - share) * probability)
                choices.append(
                    (index, point[index], log(share + (1 - share) * probability), other, log(probability)))
                prior += log(probability)
            }
        }
        // Where the candidate lacks a number, the kernel's factor for it integrates to 1, but `normalisers` has it.
        let missing = coordinates.indices.filter { point[$0].isNaN && deviations[$0] > 0 }
        var logs = normalisers
        logs.withUnsafeMutableBufferPointer { logs in
            columns.withUnsafeBufferPointer { columns in
                for number in numbers {
                    let start = number.index * count
                    for kernel in 0..<count {
                        let difference = number.value - columns[start + kernel]
                        let exponent = difference * difference * number.precision
                        logs[kernel] -= exponent.isNaN ? 0 : exponent
                    }
                }
                for choice in choices {
                    let start = choice.index * count
                    for kernel in 0..<count {
                        let place = columns[start + kernel]
                        logs[kernel] += place == choice.place ? choice.own : place.isNaN ? choice.prior : choice.other
                    }
                }
                for index in missing {
                    var mass = KernelMass(deviations[index])
                    for kernel in 0..<count where !columns[index * count + kernel].isNaN {
                        logs[kernel] += mass.log(around: columns[index * count + kernel])
                    }
                }
            }
        }
        return logs.withUnsafeBufferPointer { logs in
            var largest = prior
            for value in logs where value >= largest { largest = value }
            var sum = exp(prior - largest)
            // What is smaller by more than e^50 changes no digit of the sum.
            for value in logs where value - largest > -50 { sum += exp(value - largest) }
            return largest + log(sum / (weight + 1))
        }
    }
}
