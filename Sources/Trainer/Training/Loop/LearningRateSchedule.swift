import Glibc

/// Linear warm-up from 0 to the peak, then half a cosine down to the minimum: the reference's schedule.
///
/// The warm-up's points include both ends, so that its last step already has the peak: with two warm-up steps the
/// rates are 0, peak, peak, ... The cosine never quite reaches the minimum: its last step is one short of it.
package struct LearningRateSchedule: Sendable, Hashable {
    package var peak: Double
    package var minimum: Double
    package var warmupSteps: Int
    package var totalSteps: Int

    package init(peak: Double, minimum: Double, warmupSteps: Int, totalSteps: Int) {
        self.peak = peak
        self.minimum = minimum
        self.warmupSteps = warmupSteps
        self.totalSteps = totalSteps
    }

    /// The learning rate of a step, counted from 0; steps beyond the last have the minimum.
    package func rate(at step: Int) -> Double {
        if step < warmupSteps {
            return warmupSteps > 1 ? peak * Double(step) / Double(warmupSteps - 1) : 0
        }
        let cosineSteps = totalSteps - warmupSteps
        guard step < totalSteps else { return minimum }
        let progress = Double(step - warmupSteps) / Double(cosineSteps)
        return minimum + 0.5 * (peak - minimum) * (1 + cos(.pi * progress))
    }
}
