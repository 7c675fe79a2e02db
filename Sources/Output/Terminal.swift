import Foundation
import Glibc

/// What standard output is connected to.
package enum Terminal {
    /// Columns of the terminal; nil when standard output is a file or a pipe.
    package static var width: Int? {
        guard isatty(STDOUT_FILENO) == 1 else { return nil }
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Whether to print escape codes: on a terminal, unless NO_COLOR (no-color.org) is set.
    package static var isStyled: Bool {
        isatty(STDOUT_FILENO) == 1 && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
    }

    /// Whether progress can be painted over on standard error.
    package static var paintsProgress: Bool { isatty(STDERR_FILENO) == 1 }

    /// Texts come from files and from other machines: none may move the cursor or recolour the terminal.
    package static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? "·" : $0 }))
    }
}
