import Testing
@testable import Training

@Suite("Progress for people")
struct ProgressPrinterTests {
    /// What is printed for ten steps of one second, two seconds apart.
    private func lines(isTerminal: Bool) -> [String] {
        var written: [String] = []
        var time = ContinuousClock.now
        let printer = ProgressPrinter(isTerminal: isTerminal, write: { written.append($0) }, now: { time })
        printer.handle(.started(.init(step: 0, totalSteps: 10, tokensPerStep: 500)))
        for step in 1...10 {
            time += .seconds(2)
            printer.handle(
                .step(
                    .init(
                        step: step, tokensSeen: 500 * step, loss: 3.14159, modalityLosses: [:], learningRate: 0.1,
                        gradientNorm: 1, seconds: 1, tokens: 500)))
        }
        printer.handle(.finished(step: 10))
        return written
    }

    @Test("without a terminal is a plain line every five seconds, and the last step's")
    func plain() {
        #expect(
            lines(isTerminal: false) == [
                "step 1/10  loss 3.142  500 tokens/s  0:09 left\n",
                "step 4/10  loss 3.142  500 tokens/s  0:06 left\n",
                "step 7/10  loss 3.142  500 tokens/s  0:03 left\n",
                "step 10/10  loss 3.142  500 tokens/s  0:00 left\n",
                "finished after 10 steps\n",
            ])
    }

    @Test("on a terminal is one line that changes")
    func terminal() {
        let lines = lines(isTerminal: true)
        #expect(lines.count == 11)
        #expect(lines[0] == "\r\u{1B}[Kstep 1/10  loss 3.142  500 tokens/s  0:09 left")
        #expect(lines[10] == "\nfinished after 10 steps\n")
    }

    @Test("says from where a run goes on")
    func resumed() {
        var written = ""
        let printer = ProgressPrinter(isTerminal: false, write: { written += $0 })
        printer.handle(.started(.init(step: 30, totalSteps: 100, tokensPerStep: 1)))
        #expect(written == "resuming from step 30 of 100\n")
    }

    @Test(
        "writes numbers with fixed decimals",
        arguments: [(3.14159, 2, "3.14"), (-0.0004, 3, "0.000"), (-2.5, 1, "-2.5"), (7, 0, "7"), (.nan, 2, "nan")])
    func decimals(value: Double, decimals: Int, text: String) {
        #expect(value.formatted(decimals) == text)
    }
}
