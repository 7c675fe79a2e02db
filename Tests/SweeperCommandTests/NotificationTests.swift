import Experiment
import Foundation
import Synchronization
import SweepDefinition
import Testing

@testable import sweeper

@Suite("Notifications")
struct NotificationTests {
    private let sweep = SweepSummary(
        id: "abc", name: "demo", project: "saga", created: Date(timeIntervalSince1970: 0), trials: 2, trialsDone: 2,
        stages: StageCounts(done: 4), metric: nil, goal: .minimize)

    @Test(
        "S8: only plain addresses of HTTP become webhooks",
        arguments: [
            ("http://127.0.0.1:8080/hook?x=1", true), ("https://example.org", true), ("HTTPS://example.org/a", true),
            ("ftp://example.org/", false), ("file:///etc/passwd", false), ("http:///x", false), ("", false),
            ("http://example.org/a b", false), ("http://example.org/\r\nX: y", false), ("example.org", false),
        ])
    func addresses(text: String, isGood: Bool) { #expect((Webhook(text) != nil) == isGood) }

    @Test("The command gets the event in its environment and JSON on its input; one that fails does no harm")
    func command() async throws {
        let path = FileManager.default.temporaryDirectory.path + "/saga-notify-\(UUID().uuidString.prefix(8))"
        defer { try? FileManager.default.removeItem(atPath: path) }
        var targets = NotificationTargets()
        targets.finished.command = "(echo $SAGA_EVENT $SAGA_SWEEP; cat) > '\(path)'; exit 3"
        targets.failed.command = "rm '\(path)'"
        let notifier = Notifier(targets, sweep: sweep)
        await notifier.end(sweep)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let lines = text.split(separator: "\n", maxSplits: 1)
        #expect(lines.first == "finished abc")
        let json = try #require(try JSONParser.parse(String(lines.last ?? "")).object)
        #expect(json["event"] == .string("finished") && json["trials_done"] == .int(2))
    }

    @Test("A webhook where nobody listens is a note, not an error")
    func nobody() async throws {
        var targets = NotificationTargets()
        targets.finished.webhook = Webhook("http://127.0.0.1:9/hook")
        let notifier = Notifier(targets, sweep: sweep)
        await notifier.end(sweep)
    }

    @Test("The file says who is told of what; the command line stands in its place")
    func targets() throws {
        let definition = try Definition(
            text: """
                method: grid
                parameters: {lr: {values: [1, 2]}}
                program: train.py
                on_finish: echo done
                on_failure: {command: echo failed, webhook: "https://example.org/hook"}
                """)
        let file = try NotificationTargets(definition)
        #expect(file.finished.command == "echo done" && file.finished.webhook == nil)
        #expect(file.failed.command == "echo failed" && file.failed.webhook != nil)
        let line = try NotificationTargets(definition, command: "mail me")
        #expect(line.finished.command == "mail me" && line.failed.command == "mail me" && line.failed.webhook == nil)
    }
}
