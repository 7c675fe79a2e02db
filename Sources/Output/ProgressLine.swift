import Foundation

/// One line on standard error that is painted over; nothing where that is not a terminal.
package struct ProgressLine {
    private var shown = ContinuousClock.now
    private var isShown = false

    package init() {}

    /// At most five times a second.
    package mutating func show(_ text: @autoclosure () -> String) {
        guard Terminal.paintsProgress, shown.duration(to: .now) > .milliseconds(200) else { return }
        FileHandle.standardError.write(Data("\r\u{1B}[K\(Terminal.printable(text()).prefix(79))".utf8))
        shown = .now
        isShown = true
    }

    package mutating func clear() {
        guard isShown else { return }
        FileHandle.standardError.write(Data("\r\u{1B}[K".utf8))
        isShown = false
    }
}
