import Foundation
import Subprocess
import SystemPackage

/// A fresh `SAGA_HOME` and the three real programs, as a person on a new machine has them.
struct Laboratory: Sendable {
    struct Outcome: Sendable {
        var code: Int32
        var output: String
        var errors: String
    }

    let home: String
    private let programs: String
    private var environment: [Environment.Key: String?] = [:]

    init() throws {
        home = FileManager.default.temporaryDirectory.path + "/saga-e2e-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: home, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        programs = FilePath(tests).removingLastComponent().string
        environment = [
            "SAGA_HOME": home, "SAGA_TOKEN": nil, "SAGA_URL": nil, "DATABASE_URL": nil, "SAGA_THREADS": "1",
        ]
    }

    func setting(_ name: String, to value: String?) -> Laboratory {
        var copy = self
        copy.environment[Environment.Key(stringLiteral: name)] = value
        return copy
    }

    /// Runs a program to its end.
    func run(_ program: String, _ arguments: String...) async throws -> Outcome {
        try await run(program, arguments)
    }

    func run(_ program: String, _ arguments: [String]) async throws -> Outcome {
        let result = try await Subprocess.run(
            .path(FilePath(path(of: program))), arguments: Arguments(arguments),
            environment: .inherit.updating(environment), output: .string(limit: 1 << 24),
            error: .string(limit: 1 << 24))
        let code: Int32 =
            switch result.terminationStatus {
            case .exited(let code): code
            case .signaled(let signal): 128 + signal
            }
        return Outcome(code: code, output: result.standardOutput, errors: result.standardError)
    }

    func path(of program: String) -> String {
        program.hasPrefix("/") ? program : "\(programs)/\(program)"
    }

    /// Runs `body` with a tracker that is up; its address is in the environment of the laboratory given to `body`.
    func withTracker<Result: Sendable>(_ body: @Sendable (Laboratory) async throws -> Result) async throws -> Result {
        let tracker = try Background(
            path: path(of: "tracker"), arguments: ["serve", "--port", "0"], environment: merged,
            log: home + "/tracker.log")
        defer { tracker.stop() }
        let line = try await tracker.firstLine(within: .seconds(30))
        guard let url = line.wholeMatch(of: /listening on (http:\/\/127\.0\.0\.1:\d+)/)?.1 else {
            throw Failure("the tracker said '\(line)'; \(log("tracker.log"))")
        }
        return try await body(setting("SAGA_URL", to: String(url)))
    }

    /// Port of the tracker that ``withTracker(_:)`` has started.
    var trackerPort: UInt16? {
        (environment["SAGA_URL"] ?? nil)?.split(separator: ":").last.flatMap { UInt16($0) }
    }

    /// Starts a program and leaves it running.
    func start(_ program: String, _ arguments: String..., log: String) throws -> Background {
        try Background(path: path(of: program), arguments: arguments, environment: merged, log: home + "/" + log)
    }

    func log(_ name: String) -> String {
        (try? String(contentsOfFile: home + "/" + name, encoding: .utf8)) ?? ""
    }

    func write(_ text: String, to name: String) throws -> String {
        let path = home + "/" + name
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    func remove() { try? FileManager.default.removeItem(atPath: home) }

    private var merged: [String: String] {
        var result = ProcessInfo.processInfo.environment
        for (key, value) in environment { result[key.rawValue] = value }
        return result
    }

    struct Failure: Error, CustomStringConvertible {
        var description: String
        init(_ description: String) { self.description = description }
    }
}
