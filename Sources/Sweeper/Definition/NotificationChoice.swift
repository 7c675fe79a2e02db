/// Who is told how a sweep goes: `on_finish: COMMAND`, or `{command: COMMAND, webhook: ADDRESS}`.
package struct NotificationChoice: Sendable, Hashable {
    /// For `/bin/sh`.
    package var command: String?
    /// An HTTP or HTTPS address.
    package var webhook: String?

    package init(command: String? = nil, webhook: String? = nil) {
        self.command = command
        self.webhook = webhook
    }
}

extension NotificationChoice {
    init?(_ reader: MappingReader, _ key: String) throws {
        guard let value = reader.value(key) else { return nil }
        if case .scalar = value.content {
            self.init(command: try reader.string(key))
            return
        }
        let own = try MappingReader(value, subject: "'\(key)'", keys: ["command", "webhook"])
        self.init(command: try own.string("command"), webhook: try own.string("webhook"))
        guard command != nil || webhook != nil else {
            throw SweepDefinitionError(
                .missingKey, at: value.position, "'\(key)' needs a 'command', a 'webhook', or both")
        }
        if let webhook, !NotificationChoice.isAddress(webhook) {
            throw SweepDefinitionError(
                .invalidValue, at: own.keyPosition("webhook"),
                "'webhook' of '\(key)' is an address like https://example.org/hook")
        }
    }

    private static func isAddress(_ text: String) -> Bool {
        let lowercase = text.lowercased()
        guard let scheme = ["http://", "https://"].first(where: lowercase.hasPrefix),
            let host = text.dropFirst(scheme.count).first
        else { return false }
        return !"/?#".contains(host) && text.utf8.allSatisfy { $0 > 32 && $0 < 127 }
    }
}
