package import Experiment
import Glibc

extension GenerationSettings.StepSchedule {
    /// How many of `length` positions each of `steps` steps decodes: each at least one, together all.
    package func sizes(length: Int, steps: Int) -> [Int] {
        let steps = max(1, min(steps, length))
        switch self {
        case .constant:
            let size = length / steps
            return (0..<steps).map { $0 == steps - 1 ? length - $0 * size : size }
        case .linear:
            // 4M's: evenly rounded, the smaller groups first.
            return (0..<steps).map { length * ($0 + 1) / steps - length * $0 / steps }.sorted()
        case .cosine:
            // MaskGIT's: cos(pi/2 * t) of the positions are left after the share t of the steps.
            var left = length
            return (1...steps).map { step in
                let wanted = Int(Double(length) * cos(.pi / 2 * Double(step) / Double(steps)))
                let next = step == steps ? 0 : min(left - 1, max(wanted, steps - step))
                defer { left = next }
                return left - next
            }
        }
    }
}

extension GenerationSettings.TemperatureSchedule {
    /// The temperature of each step, given how many positions each decodes (4M's schedules).
    package func temperatures(from first: Double, to last: Double, sizes: [Int]) -> [Double] {
        let length = sizes.reduce(0, +)
        let before = sizes.indices.map { sizes[..<$0].reduce(0, +) }
        switch self {
        case .constant: return sizes.map { _ in first }
        case .linear: return before.map { first * Double(length - $0) / Double(length) }
        case .onex:
            func curve(_ done: Int) -> Double {
                let x = 1 + 99 * Double(done) / Double(max(1, length - 1))
                // 1 at x = 1, 0 at x = 100.
                return (1 / x.squareRoot() - 0.1) / 0.9
            }
            return before.enumerated().map { step, done in
                step > 0 && step == sizes.count - 1 ? last : last + (first - last) * curve(done)
            }
        }
    }
}
