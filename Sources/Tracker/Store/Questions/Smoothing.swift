import Foundation

/// Exponential moving average, without the pull towards zero at the beginning: `s = weight * s + (1 - weight) * y`, shown
/// as `s / (1 - weight^n)`, as W&B and TensorBoard draw it. A value that is no finite number stays as it is and is left
/// out of the average.
package func smoothed(_ values: [Double], weight: Double) -> [Double] {
    guard weight > 0 else { return values }
    var average = 0.0
    var count = 0.0
    return values.map { value in
        guard value.isFinite else { return value }
        average = weight * average + (1 - weight) * value
        count += 1
        return average / (1 - pow(weight, count))
    }
}
