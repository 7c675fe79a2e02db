import Foundation
import Subprocess
import SystemPackage
import TestSupport

/// A Python script that uses the real client, run in folders of its own.
struct WandbScript: Sendable {
    /// In `Scripts`, without `.py`.
    let name: String
    /// Beside what every script gets.
    var environment: [String: String] = [:]

    struct Outcome: Sendable {
        var name: String
        var code: Int32
        /// Standard output and errors.
        var text: String

        /// Words of the client that a server at its place would not cause.
        var complaints: [String] {
            let words = ["wandb: WARNING", "wandb: ERROR", "etrying", "Fatal error", "panic:", "encountered"]
            // What `run.save` says of links on the script's own disk.
            let ownMatter = "wandb: WARNING Symlinked"
            return text.split(separator: "\n").map(String.init).filter { line in
                words.contains { line.contains($0) } && !line.hasPrefix(ownMatter)
            }
        }
    }

    /// Key of nobody: without tokens the tracker takes any that the client takes.
    private static let key = "0123456789abcdef0123456789abcdef01234567"

    func run(against url: String) async throws -> Outcome {
        let python = try Self.python()
        let script = try Self.path(of: name)
        let folder = try scratchFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var variables: [Environment.Key: String?] = [
            "WANDB_BASE_URL": url, "WANDB_API_KEY": Self.key, "WANDB_DIR": folder, "WANDB_CACHE_DIR": folder + "/cache",
            "WANDB_CONFIG_DIR": folder + "/config", "WANDB_DATA_DIR": folder + "/data", "HOME": folder,
            "TMPDIR": folder, "WANDB_ERROR_REPORTING": "false", "WANDB_SERVICE": nil, "PYTHONDONTWRITEBYTECODE": "1",
        ]
        for (key, value) in environment { variables[Environment.Key(stringLiteral: key)] = value }
        let result = try await Subprocess.run(
            .path(FilePath(python)), arguments: [script], environment: .inherit.updating(variables),
            workingDirectory: FilePath(folder), output: .string(limit: 1 << 24), error: .string(limit: 1 << 24))
        let code: Int32 =
            switch result.terminationStatus {
            case .exited(let code): code
            case .signaled(let signal): 128 + signal
            }
        return Outcome(name: name, code: code, text: result.standardOutput + result.standardError)
    }

    private static func path(of name: String) throws -> String {
        guard let path = Bundle.module.path(forResource: name, ofType: "py", inDirectory: "Scripts") else {
            throw ScriptFailure("there is no script \(name).py")
        }
        return path
    }

    /// The package's own Python, with the client that the tests are written for.
    private static func python() throws -> String {
        let root = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
        let python = root.string + "/.build/python/bin/python"
        guard FileManager.default.isExecutableFile(atPath: python) else {
            throw ScriptFailure("\(python) is missing; run scripts/test, which installs it with the client")
        }
        return python
    }
}
