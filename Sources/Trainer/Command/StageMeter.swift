import Glibc
import Synchronization

/// Shows how far each stage of a job is: one line that changes on a terminal, else a plain line every few seconds.
final class StageMeter: Sendable {
    private struct State {
        var stage = ""
        var start = ContinuousClock.now
        var lastShown: ContinuousClock.Instant?
        var lineIsOpen = false
    }

    private let state = Mutex(State())
    private let isTerminal = isatty(STDERR_FILENO) == 1

    func show(_ stage: String, done: Int, of total: Int) {
        state.withLock { state in
            let now = ContinuousClock.now
            if stage != state.stage {
                closeLine(&state)
                state.stage = stage
                state.start = now
                state.lastShown = nil
            }
            let pause: Duration = isTerminal ? .milliseconds(100) : .seconds(5)
            if let last = state.lastShown, now - last < pause, done < total { return }
            state.lastShown = now
            let line = StageMeter.line(stage, done: done, total: total, seconds: (now - state.start) / .seconds(1))
            StandardError.writeText(isTerminal ? "\r\u{1B}[K\(line)" : line + "\n")
            state.lineIsOpen = isTerminal
        }
    }

    func finish() { state.withLock { closeLine(&$0) } }

    private func closeLine(_ state: inout State) {
        if state.lineIsOpen { StandardError.writeText("\n") }
        state.lineIsOpen = false
    }

    private static func line(_ stage: String, done: Int, total: Int, seconds: Double) -> String {
        guard done > 0, total > 1, seconds > 0 else { return stage }
        let rate = Double(done) / seconds
        let left = Int((Double(total - done) / rate).rounded(.up))
        let tenths = Int((rate * 10).rounded())
        return "\(stage)  \(done)/\(total)  \(tenths / 10).\(tenths % 10)/s  \(left) s left"
    }
}

/// Everything that is for a person and not data.
enum StandardError {
    static func write(_ line: String) { writeText(line + "\n") }

    static func writeText(_ text: String) {
        let bytes = Array(text.utf8)
        // Nothing can be done if a message cannot be shown.
        _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }
}
