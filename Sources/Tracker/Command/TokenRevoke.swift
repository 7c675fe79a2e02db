import ArgumentParser
import Output
import TrackerStore

struct TokenRevoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Make a token worthless; a running tracker knows within seconds.",
        discussion: """
              tracker token revoke alice
              tracker token revoke 3
            """)

    @Argument(help: "The token's name, or its id of 'tracker token list'.")
    var token: String

    func run() async throws {
        let count = try await withDatabase { try await $0.revokeToken(nameOrID: token) }
        printNote("revoked \(count) token\(count == 1 ? "" : "s")")
    }
}
