import ArgumentParser
import Foundation
import Output
import TrackerStore

struct TokenList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the tokens that were made, also those that are no longer valid.")

    @Option(help: "How to print them: table, json or csv.")
    var format = OutputFormat.table

    func run() async throws {
        let tokens = try await withDatabase { try await $0.tokens() }
        var table = Table(columns: ["id", "name", "role", "project", "created", "last used", "valid"])
        table.rows = tokens.map { token in
            [
                .integer(Int64(token.id)), .text(token.name), .text(token.role.rawValue), Table.Cell(token.project),
                .text(Self.text(token.created)), Table.Cell(token.lastUsed.map(Self.text)), .text(Self.validity(token)),
            ]
        }
        try printRows(tokens, as: format, table: table, csv: table)
    }

    private static func validity(_ token: AccessToken) -> String {
        if token.revoked != nil { return "revoked" }
        guard let expires = token.expires else { return "yes" }
        return expires < Date.now ? "expired" : "until \(text(expires))"
    }

    private static func text(_ date: Date) -> String { date.formatted(.iso8601) }
}
