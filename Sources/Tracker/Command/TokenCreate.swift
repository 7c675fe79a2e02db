import ArgumentParser
import Foundation
import Output
import TrackerStore

struct TokenCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a token and print it, once: it is kept nowhere.",
        discussion: """
              tracker token create alice
              tracker token create dashboard --role read --project demo --expires 30d
              export WANDB_API_KEY=$(tracker token create laptop)
            """)

    @Argument(help: "Whose it is, or what for.")
    var name: String

    @Option(help: "What it may do: read, write or admin; each includes the ones before.")
    var role = AccessRole.write

    @Option(help: "The one project that it is for. (default: all)")
    var project: String?

    @Option(help: "How long it is valid: a number with s, m, h, d or w. (default: until it is revoked)")
    var expires: TimeSpan?

    func run() async throws {
        let end = expires.map { Date(timeIntervalSinceNow: $0.seconds) }
        let secret = try await withDatabase {
            try await $0.createToken(name: name, role: role, project: project, expires: end).secret
        }
        printNote("token '\(name)', role \(role.rawValue), \(project.map { "project \($0)" } ?? "all projects"):")
        printOutput(secret)
    }
}

extension AccessRole: ExpressibleByArgument {}
