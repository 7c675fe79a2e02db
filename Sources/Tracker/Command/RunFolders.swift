import Foundation
import Output
import TrackerClient

/// Finds directories of runs.
enum RunFolders {
    /// `argument`: such a directory, a directory of such, or a pattern of the shell's that leads to either.
    static func find(_ argument: String) throws -> [String] {
        let found = matches(argument).flatMap { path in
            if isRun(path) { return [path] }
            let below = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
            return below.sorted().map { "\(path)/\($0)" }.filter(isRun)
        }
        guard !found.isEmpty else {
            throw CommandError(
                "no_log", "\(argument): there is no run log (log-1.sagalog) there; give the directory of a run")
        }
        return found
    }

    private static func isRun(_ path: String) -> Bool { !RunLog.attempts(directory: path).isEmpty }

    private static func matches(_ pattern: String) -> [String] {
        var result = glob_t()
        defer { globfree(&result) }
        guard glob(pattern, 0, nil, &result) == 0 else { return [pattern] }
        return (0..<Int(result.gl_pathc)).compactMap { result.gl_pathv[$0].map { String(cString: $0) } }
    }
}
