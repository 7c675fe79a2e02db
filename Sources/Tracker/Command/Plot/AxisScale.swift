import Foundation

/// Maps values to a place on an axis, with round numbers to label it by.
struct AxisScale {
    let low: Double
    let high: Double
    let ticks: [Double]
    let step: Double

    /// Covers `values` (finite ones) with about `count` ticks at 1, 2 or 5 times a power of ten. Without `rounded` the
    /// axis ends where the values do and not at a tick.
    init(covering values: some Sequence<Double>, ticks count: Int, rounded: Bool) {
        let finite = values.filter(\.isFinite)
        var low = finite.min() ?? 0
        var high = finite.max() ?? 1
        if low == high {
            // A single value lies in the middle of its axis.
            let margin = low == 0 ? 1 : abs(low) * 0.1
            (low, high) = (low - margin, high + margin)
        }
        step = Self.niceStep((high / Double(count)) - (low / Double(count)))
        if rounded {
            (low, high) = ((low / step).rounded(.down) * step, (high / step).rounded(.up) * step)
        }
        self.low = low
        self.high = high
        let first = (low / step).rounded(.up)
        let last = (high / step + 1e-9).rounded(.down)
        let steps = step
        ticks = last - first < 100 ? stride(from: first, through: last, by: 1).map { $0 * steps } : []
    }

    /// 0 at the low end, 1 at the high end.
    func fraction(_ value: Double) -> Double { (value - low) / (high - low) }

    /// The tick with as many digits after the point as the step between ticks needs.
    func label(_ tick: Double) -> String {
        let size = max(abs(low), abs(high))
        if size >= 1e6 || size < 1e-4 { return String(format: "%g", (tick / step).rounded() * step) }
        let digits = max(0, Int((-log10(step) - 1e-9).rounded(.up)))
        let text = String(format: "%.\(digits)f", tick)
        return text.hasPrefix("-") && Double(text) == 0 ? String(text.dropFirst()) : text
    }

    private static func niceStep(_ raw: Double) -> Double {
        let power = pow(10, log10(raw).rounded(.down))
        let ratio = raw / power
        return power * (ratio <= 1.0001 ? 1 : ratio <= 2 ? 2 : ratio <= 5 ? 5 : 10)
    }
}
