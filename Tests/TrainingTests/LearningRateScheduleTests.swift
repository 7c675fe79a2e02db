import Testing
import Training

@Suite("The learning rate schedule")
struct LearningRateScheduleTests {
    /// The rates that the reference used for the golden run (Tests/TransformerTests/Golden/tiny/expected.json).
    @Test(
        "has the reference's rates",
        arguments: Array([0, 0.001, 0.001, 0.0008536998372026805, 0.0005005, 0.00014730016279731955].enumerated()))
    func golden(step: Int, rate: Double) {
        let schedule = LearningRateSchedule(peak: 1e-3, minimum: 1e-6, warmupSteps: 2, totalSteps: 6)
        #expect(abs(schedule.rate(at: step) - rate) < 1e-18)
    }

    @Test("starts at the peak without a warm-up, at 0 with one step of it, and stays at the minimum after the end")
    func edges() {
        #expect(LearningRateSchedule(peak: 1, minimum: 0.1, warmupSteps: 0, totalSteps: 4).rate(at: 0) == 1)
        #expect(LearningRateSchedule(peak: 1, minimum: 0.1, warmupSteps: 1, totalSteps: 4).rate(at: 0) == 0)
        #expect(LearningRateSchedule(peak: 1, minimum: 0.1, warmupSteps: 1, totalSteps: 1).rate(at: 1) == 0.1)
        #expect(LearningRateSchedule(peak: 1, minimum: 0.1, warmupSteps: 4, totalSteps: 4).rate(at: 3) == 1)
    }
}
