import Experiment
import Foundation
import TrackerStore

/// A console line as clients send it: `[ERROR ]<ISO time, UTC> <text>`, or an object `{"ts","content","level","label"}`.
enum ConsoleText {
    private static let textLimit = 65_536
    private static let errorMark = "ERROR "

    static func line(_ text: String, line number: Int64) -> ConsoleLine {
        if text.utf8.first == UInt8(ascii: "{"), let members = (try? JSONParser.parse(text))?.object,
            let content = members["content"]?.string
        {
            return ConsoleLine(
                line: number, time: members["ts"]?.string.flatMap(time),
                isError: members["level"]?.string == "error", label: members["label"]?.string, text: cut(content))
        }
        let isError = text.hasPrefix(errorMark)
        let rest = isError ? text.dropFirst(errorMark.count) : text[...]
        // The time ends at the first space; without one the line is empty or has no time.
        let stamp = rest.prefix { $0 != " " }
        guard let time = Self.time(String(stamp)) else {
            return ConsoleLine(line: number, text: cut(text))
        }
        return ConsoleLine(
            line: number, time: time, isError: isError, text: cut(String(rest.dropFirst(stamp.count + 1))))
    }

    /// Of a time in UTC without its zone, as `2026-11-22T19:40:56.910312`.
    private static func time(_ text: String) -> Date? {
        guard text.utf8.count <= 40, text.utf8.count >= 19 else { return nil }
        let (whole, fraction) = (String(text.prefix(19)), text.dropFirst(19).prefix { $0 == "." || $0.isNumber })
        guard let date = try? Date.ISO8601FormatStyle().parse(whole + "Z") else { return nil }
        let part = fraction.isEmpty ? 0 : Double("0\(fraction)") ?? 0
        return date + part
    }

    /// Without NUL, which the parser has replaced, and not longer than what is kept of a text.
    private static func cut(_ text: String) -> String {
        text.utf8.count <= textLimit ? text : String(decoding: text.utf8.prefix(textLimit - 8), as: UTF8.self) + "…"
    }
}
