import Experiment

/// What a webhook or a command is told of a sweep.
struct Notification: Sendable {
    enum Event: String, Sendable {
        /// Nothing is left to run, and nothing failed.
        case finished
        /// A stage has failed for good, or the sweep is over with failures.
        case failed
    }

    let event: Event
    let sweep: SweepSummary
    /// Why, for people; one line.
    let message: String

    var json: JSONValue {
        var members: [String: JSONValue] = [
            "event": .string(event.rawValue), "message": .string(String(message.prefix(1000))),
            "sweep": .object([
                "id": .string(sweep.id), "name": .string(sweep.name), "project": .string(sweep.project),
                "state": .string(sweep.state.rawValue),
            ]),
            "trials": .int(Int64(sweep.trials)), "trials_done": .int(Int64(sweep.trialsDone)),
            "stages": .object([
                "done": .int(Int64(sweep.stages.done)), "running": .int(Int64(sweep.stages.claimed)),
                "pending": .int(Int64(sweep.stages.pending)), "failed": .int(Int64(sweep.stages.failed)),
                "blocked": .int(Int64(sweep.stages.blocked)), "stopped": .int(Int64(sweep.stages.stopped)),
            ]),
        ]
        if let best = sweep.best, let metric = sweep.metric {
            members["best"] = .object([
                "metric": .string(metric), "value": .double(best.value), "run": .string(best.run.rawValue),
            ])
        }
        return .object(members)
    }
}
