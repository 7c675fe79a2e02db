import Output
import SweepDefinition

/// Who is told what of a sweep.
struct NotificationTargets: Sendable {
    struct Target: Sendable {
        var webhook: Webhook?
        var command: String?
    }

    var finished = Target()
    var failed = Target()

    init() {}

    /// As the file says; what was given on the command line stands in the place of all that.
    init(_ definition: Definition, webhook: String? = nil, command: String? = nil) throws(CommandError) {
        if webhook != nil || command != nil {
            finished = try NotificationTargets.target(NotificationChoice(command: command, webhook: webhook))
            failed = finished
            return
        }
        finished = try NotificationTargets.target(definition.onFinish)
        failed = try NotificationTargets.target(definition.onFailure)
    }

    private static func target(_ choice: NotificationChoice?) throws(CommandError) -> Target {
        guard let address = choice?.webhook else { return Target(command: choice?.command) }
        guard let webhook = Webhook(address) else {
            throw CommandError("bad_webhook", "'\(address)' is no address like https://example.org/hook")
        }
        return Target(webhook: webhook, command: choice?.command)
    }

    func target(of event: Notification.Event) -> Target {
        switch event {
        case .finished: finished
        case .failed: failed
        }
    }
}
