package import ArgumentParser
import Experiment
import Foundation

extension ParsableCommand {
    /// What `main` does in each of the commands: an error that is meant for people is one sentence and exit code 1.
    package static func runAsMain() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let error as any UserFacingError {
            printNote("\(configuration.commandName ?? "error"): \(error)")
            Foundation.exit(1)
        } catch {
            exit(withError: error)
        }
    }
}
