import Subprocess
import SystemPackage

/// Runs another program to its end: arguments as they are, no shell, a time limit, everything it says kept.
enum Program {
    struct Outcome: Sendable {
        let succeeded: Bool
        let output: [UInt8]
        /// What it wrote on stderr.
        let messages: String
    }

    enum Failure: Error {
        case notInstalled
        case timedOut
        case failed(String)
    }

    static func run(
        _ name: String, _ arguments: [String], outputLimit: Int = 16 << 20, seconds: Int = 120
    ) async throws(Failure) -> Outcome {
        do {
            return try await withThrowingTaskGroup(of: Outcome.self) { group in
                group.addTask {
                    let result = try await Subprocess.run(
                        .name(name), arguments: Arguments(arguments), output: .bytes(limit: outputLimit),
                        error: .string(limit: 1 << 20))
                    return Outcome(
                        succeeded: result.terminationStatus.isSuccess, output: result.standardOutput,
                        messages: result.standardError)
                }
                group.addTask {
                    try await Task.sleep(for: .seconds(seconds))
                    throw Failure.timedOut
                }
                // Cancelling the loser kills a program that is still running.
                defer { group.cancelAll() }
                guard let outcome = try await group.next() else { throw Failure.timedOut }
                return outcome
            }
        } catch let failure as Failure {
            throw failure
        } catch let error as SubprocessError where error.code == .executableNotFound {
            throw .notInstalled
        } catch {
            throw .failed("\(error)")
        }
    }
}
