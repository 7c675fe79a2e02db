import Foundation
import Testing

/// A sweep of a shell script that writes down each of its starts and ends: how often a configuration was run is known
/// from these, whatever anybody's record says.
struct CountedProgram {
    let laboratory: Laboratory
    let name: String
    /// Of the script, with what it writes beside it.
    let folder: String
    let file: String

    /// `body`: shell, with the configuration in `$x`, the count of its starts in `$n` and `$folder`. `x` goes from 1 to
    /// `count`. `keys`: more lines of the sweep file.
    init(in laboratory: Laboratory, name: String, count: Int, body: String, keys: String = "") throws {
        self.laboratory = laboratory
        self.name = name
        folder = laboratory.home + "/" + name
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let script = """
            #!/bin/sh
            folder=${0%/*} x=${1#--x=}
            echo "$x" >>"$folder/starts"
            n=$(grep -cx "$x" "$folder/starts")
            \(body)
            echo "$x" >>"$folder/ends"
            """
        try script.write(toFile: folder + "/work", atomically: true, encoding: .utf8)
        chmod(folder + "/work", 0o755)
        file = try laboratory.write(
            """
            name: \(name)
            project: faults
            method: grid
            program: \(folder)/work
            command: ["${program}", "${args}"]
            parameters: {x: {values: \(Array(1...count))}}
            \(keys)
            """, to: name + ".yaml")
    }

    /// How often each configuration was started.
    var starts: [Int: Int] { counts("starts") }
    /// How often each came to its end.
    var ends: [Int: Int] { counts("ends") }

    private func counts(_ name: String) -> [Int: Int] {
        let lines = (try? String(contentsOfFile: folder + "/" + name, encoding: .utf8)) ?? ""
        return Dictionary(grouping: lines.split(separator: "\n").compactMap { Int($0) }, by: \.self).mapValues(\.count)
    }

    /// Waits until `condition` holds, half a minute at most.
    func wait(_ what: Comment, until condition: () -> Bool) async throws {
        for _ in 0..<1500 where !condition() { try await Task.sleep(for: .milliseconds(20)) }
        #expect(condition(), what)
    }

    /// Processes of the script that are alive, by what `/proc` says.
    var processes: [pid_t] {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.compactMap { entry in
            guard let pid = pid_t(entry), let line = FileManager.default.contents(atPath: "/proc/\(entry)/cmdline")
            else { return nil }
            return String(decoding: line, as: UTF8.self).contains(folder + "/work") ? pid : nil
        } ?? []
    }
}
