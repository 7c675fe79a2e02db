import Transformer

/// Tells a person how far a training is: one line that changes on a terminal, else a plain line every few seconds.
package final class ProgressPrinter: TrainingListener {
    private let isTerminal: Bool
    private let write: (String) -> Void
    private let now: () -> ContinuousClock.Instant
    private var start = TrainingEvent.Start(step: 0, totalSteps: 0, tokensPerStep: 0)
    private var stepSeconds = 0.0
    private var flop = 0.0
    private var lastLine: ContinuousClock.Instant?
    private var lineIsOpen = false

    package init(
        isTerminal: Bool = StandardError.isTerminal,
        write: @escaping (String) -> Void = StandardError.write,
        now: @escaping () -> ContinuousClock.Instant = { .now }
    ) {
        self.isTerminal = isTerminal
        self.write = write
        self.now = now
    }

    @discardableResult
    package func handle(_ event: TrainingEvent) -> TrainingEvent? {
        switch event {
        case .started(let event):
            start = event
            if event.step > 0 { print("resuming from step \(event.step) of \(event.totalSteps)") }
        case .step(let step):
            stepSeconds += step.seconds
            flop += step.flop
            showProgress(step)
        case .evaluated(let evaluation):
            guard let loss = evaluation.metrics["[Eval]/loss"] else { return nil }
            print("step \(evaluation.step): eval loss \(loss.formatted(3))")
        case .checkpointed(let step, let path):
            print("step \(step): checkpoint \(path)")
        case .settled:
            break
        case .endedEarly(let step, let reason):
            print("step \(step): \(reason); the run ends here")
        case .nonFinite(let failure):
            print("step \(failure.step): loss \(failure.loss), \(failure.diagnosis.sentence)")
        case .finished(let step):
            print("finished after \(step) steps")
        case .stopped(let step, let signal):
            print("stopped by signal \(signal) after step \(step); start the run again to go on from there")
        }
        return nil
    }

    private func showProgress(_ step: TrainingEvent.Step) {
        let time = now()
        let pause: Duration = isTerminal ? .milliseconds(100) : .seconds(5)
        if let lastLine, time - lastLine < pause, step.step < start.totalSteps { return }
        lastLine = time
        let line = progressLine(step)
        if isTerminal {
            write("\r\u{1B}[K\(line)")
            lineIsOpen = true
        } else {
            write(line + "\n")
        }
    }

    /// The rate and the time left come from the mean over this process's steps.
    private func progressLine(_ step: TrainingEvent.Step) -> String {
        let perStep = stepSeconds / Double(max(1, step.step - start.step))
        let rate = perStep > 0 ? Double(step.tokens) / perStep : 0
        let left = Duration.seconds(perStep * Double(start.totalSteps - step.step))
        return """
            step \(step.step)/\(start.totalSteps)  loss \(step.loss.formatted(3))  \
            \(Int(rate)) tokens/s\(utilisation)  \(left.formattedAsClock) left
            """
    }

    /// Share of what the machine can do at most that went into the model (MFU), over this process's steps.
    private var utilisation: String {
        guard let peak = start.peakFLOPS, peak > 0, stepSeconds > 0 else { return "" }
        return "  MFU \((flop / stepSeconds / peak * 100).formatted(0)) %"
    }

    private func print(_ line: String) {
        write((lineIsOpen ? "\n" : "") + line + "\n")
        lineIsOpen = false
    }
}

extension Double {
    /// With a fixed number of decimals; `FoundationEssentials` has no `String(format:)`.
    package func formatted(_ decimals: Int) -> String {
        guard isFinite, abs(self) < 1e15 else { return "\(self)" }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = Int((abs(self) * scale).rounded())
        let digits = String(scaled % Int(scale))
        let sign = self < 0 && scaled > 0 ? "-" : ""
        let fraction = decimals > 0 ? "." + String(repeating: "0", count: decimals - digits.count) + digits : ""
        return "\(sign)\(scaled / Int(scale))\(fraction)"
    }
}

extension Duration {
    /// As `1:02:03` or `2:03`.
    var formattedAsClock: String {
        let seconds = Int(components.seconds)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
        return hours > 0 ? "\(hours):\(two(minutes)):\(two(seconds % 60))" : "\(minutes):\(two(seconds % 60))"
    }
}
