import Dispatch
import Experiment
import Foundation
import Output
import SweepScheduler
import Synchronization

/// Tells a webhook and a command how a sweep goes, on a thread of its own: the sweep never waits for them.
final class Notifier: Sendable {
    private struct State {
        var sweep: SweepSummary
        var waiting = 0
    }

    /// More than so many at a time would be a flood that nobody reads.
    private static let maximumWaiting = 8
    /// Seconds that the command may take.
    private static let commandTimeout = 60.0

    private let targets: NotificationTargets
    private let state: Mutex<State>
    private let queue = DispatchQueue(label: "saga.notifier")

    init(_ targets: NotificationTargets, sweep: SweepSummary) {
        self.targets = targets
        state = Mutex(State(sweep: sweep))
    }

    /// Takes note of an event of the scheduler; a stage that has failed for good is told.
    func handle(_ event: SchedulerEvent) {
        switch event {
        case .counts(let sweep): state.withLock { $0.sweep = sweep }
        case .failed(let claim, let message, retry: false):
            let sweep = state.withLock(\.sweep)
            send(Notification(event: .failed, sweep: sweep, message: "\(claim.stage) \(claim.title): \(message)"))
        default: break
        }
    }

    /// Tells how the sweep ended, or that no slot works on it any more, and waits until all is told.
    func end(_ sweep: SweepSummary, allSlotsClosed: Bool = false) async {
        guard sweep.isOver || allSlotsClosed else { return }
        let isGood = sweep.state == .finished
        let message =
            "\(sweep.trialsDone) of \(sweep.trials) trials done\(sweep.stages.failures)"
            + (sweep.isOver ? "" : "; every slot has closed after failures in a row")
        send(Notification(event: isGood ? .finished : .failed, sweep: sweep, message: message))
        await withCheckedContinuation { done in queue.async { done.resume() } }
    }

    private func send(_ notification: Notification) {
        let target = targets.target(of: notification.event)
        guard target.webhook != nil || target.command != nil else { return }
        let hasRoom = state.withLock { state in
            guard state.waiting < Notifier.maximumWaiting else { return false }
            state.waiting += 1
            return true
        }
        guard hasRoom else { return }
        queue.async { [self] in
            deliver(notification, to: target)
            state.withLock { $0.waiting -= 1 }
        }
    }

    private func deliver(_ notification: Notification, to target: NotificationTargets.Target) {
        let body = Data(notification.json.canonicalText.utf8)
        if let reason = target.webhook?.post(body) { printNote("the webhook was not told: \(reason)") }
        if let command = target.command, let reason = run(command, notification, body) {
            printNote("the command that is told of the sweep was not successful: \(reason)")
        }
    }

    /// By `/bin/sh`, with the JSON on standard input and the words that matter in its environment.
    private func run(_ command: String, _ notification: Notification, _ body: Data) -> String? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command]
        var environment = ProcessInfo.processInfo.environment
        environment["SAGA_EVENT"] = notification.event.rawValue
        environment["SAGA_SWEEP"] = notification.sweep.id
        environment["SAGA_SWEEP_NAME"] = notification.sweep.name
        environment["SAGA_MESSAGE"] = notification.message
        process.environment = environment
        let input = Pipe()
        process.standardInput = input
        process.standardOutput = FileHandle.standardError
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        do {
            try process.run()
        } catch {
            return "it cannot be started: \(error.localizedDescription)"
        }
        // A few kilobytes, which the pipe holds whether or not they are read.
        try? input.fileHandleForWriting.write(contentsOf: body)
        try? input.fileHandleForWriting.close()
        if ended.wait(timeout: .now() + Notifier.commandTimeout) == .timedOut {
            process.terminate()
            if ended.wait(timeout: .now() + 5) == .timedOut { kill(process.processIdentifier, SIGKILL) }
            return "it took more than \(Int(Notifier.commandTimeout)) s and was ended"
        }
        return process.terminationStatus == 0 ? nil : "it ended with \(process.terminationStatus)"
    }
}
