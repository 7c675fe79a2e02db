/// Halton's sequence with its digits permuted at random: quasi-random points that fill the unit cube evenly, whatever
/// their number.
///
/// Coordinate j of point i is the radical inverse of i in the j-th prime base b, `sum of π(digit k) / b^(k+1)`, with a
/// permutation π for each coordinate and place (Owen, A randomized Halton algorithm in R, 2017). Permuted digits break
/// the correlation that plain Halton points have in large bases; equal seeds give equal points.
struct HaltonSequence {
    private let seed: UInt64
    private let bases: [Int]

    init(seed: UInt64, dimensions: Int) {
        self.seed = seed
        bases = HaltonSequence.primes(dimensions)
    }

    /// Point `index`, counted from 0, in [0, 1).
    func point(_ index: Int) -> [Double] {
        bases.enumerated().map { coordinate, base in
            var rest = max(0, index)
            var scale = 1 / Double(base)
            var sum = 0.0
            var place: UInt64 = 0
            // Places beyond the index's own digits are zeros, which are permuted too.
            while scale > 0x1p-53 {
                let (quotient, digit) = rest.quotientAndRemainder(dividingBy: base)
                sum += Double(permuted(digit, base: base, coordinate: UInt64(coordinate), place: place)) * scale
                rest = quotient
                scale /= Double(base)
                place += 1
            }
            return min(sum, 1 - 0x1p-53)
        }
    }

    private func permuted(_ digit: Int, base: Int, coordinate: UInt64, place: UInt64) -> Int {
        var generator = SeededGenerator(
            seed: seed ^ (coordinate &* 0xD1B5_4A32_D192_ED03) ^ (place &* 0x8CB9_2BA7_2F3D_8DD7))
        return Array(0..<base).shuffled(using: &generator)[digit]
    }

    private static func primes(_ count: Int) -> [Int] {
        var primes: [Int] = []
        var candidate = 2
        while primes.count < count {
            if !primes.contains(where: { candidate.isMultiple(of: $0) }) { primes.append(candidate) }
            candidate += 1
        }
        return primes
    }
}
