import Output
import Experiment
import Foundation

/// Reads sweep files.
enum SweepFile {
    /// More than any definition may have, so that a wrong path cannot fill the memory.
    private static let limit = 4 << 20

    static func read(_ path: String) throws(CommandError) -> String {
        guard let handle = FileHandle(forReadingAtPath: path), let data = try? handle.read(upToCount: limit) else {
            throw CommandError("unreadable_file", "\(path) cannot be read; give the path of a sweep file")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw CommandError("not_text", "\(path) is not UTF-8 text; give the path of a sweep file in YAML")
        }
        return text
    }
}
