package import ArgumentParser
import Experiment
import Foundation

extension ParsableCommand {
    /// What `main` does in each of the commands: an error that is meant for people is one sentence and exit code 1,
    /// unless `exitCode` says otherwise; a wrong command line has exit code 2.
    package static func runAsMain(exitCode code: @Sendable (any Error) -> Int32 = { _ in 1 }) async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let error as any UserFacingError {
            printNote("\(configuration.commandName ?? "error"): \(error)")
            Foundation.exit(code(error))
        } catch {
            if exitCode(for: error) == .validationFailure {
                FileHandle.standardError.write(Data((fullMessage(for: error) + "\n").utf8))
                Foundation.exit(2)
            }
            exit(withError: error)
        }
    }
}
