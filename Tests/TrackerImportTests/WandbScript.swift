import Foundation
import TestSupport

/// Runs Python with the real W&B client, offline.
enum WandbScript {
    static let python = FileManager.default.currentDirectoryPath + "/.build/python/bin/python"

    /// Whether there is a client to test with.
    static var isAvailable: Bool { FileManager.default.isExecutableFile(atPath: python) }

    /// Runs a script in a fresh folder, which `body` gets; the runs lie below its `wandb`.
    static func run(_ script: String, _ body: @Sendable (String) async throws -> Void) async throws {
        let folder = try scratchFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = ["-c", script]
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.environment = ProcessInfo.processInfo.environment.merging([
            "WANDB_MODE": "offline", "WANDB_SILENT": "true", "HOME": folder,
        ]) { $1 }
        process.standardOutput = FileHandle.nullDevice
        let status = try await withCheckedThrowingContinuation { (done: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { done.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { done.resume(throwing: error) }
        }
        guard status == 0 else { throw ScriptError(status: status) }
        try await body(folder)
    }

    struct ScriptError: Error {
        let status: Int32
    }
}
