import Experiment
import TrackerStore

/// What a sweeper does, in few words.
extension TrackerStore {
    func next(_ sweep: String = "sweep", limit: Int? = nil, search: TrialSearchMaker? = nil) async throws
        -> [StageClaim]
    {
        var request = claimRequest
        request.limit = limit
        return try await claim(sweep: sweep, request, search: search).claims
    }

    @discardableResult
    func say(
        _ claim: StageClaim, _ event: StageReport.Event, artefact: String? = nil, note: String? = nil,
        retryAfter: Double? = nil, search: TrialSearchMaker? = nil
    ) async throws -> StageReportResponse {
        try await report(
            sweep: claim.sweep, stageKey: claim.stageKey,
            StageReport(fence: claim.fence, event: event, artefact: artefact, note: note, retryAfter: retryAfter),
            search: search)
    }

    /// Claims and does everything that is ready, until nothing is; answers the keys in the order of doing.
    @discardableResult
    func work(off sweep: String = "sweep", failing: Set<String> = []) async throws -> [String] {
        var keys: [String] = []
        while let claim = try await next(sweep).first {
            keys.append(claim.stageKey)
            if failing.contains(claim.stageKey) {
                try await say(claim, .failed(message: "broken", retry: false, cause: .program))
                continue
            }
            try await say(claim, .launching(directory: "/runs/\(claim.run)"))
            try await say(claim, .succeeded, artefact: "digest of \(claim.stageKey)")
        }
        return keys
    }
}

/// A grid of one stage a trial.
func gridPlan(_ count: Int, name: String = "sweep", from first: Int = 0) -> SweepPlan {
    let configs = (first..<first + count).map { ["x": JSONValue.int(Int64($0))] }
    return SweepPlan(
        name: name, project: "p", definition: "\(count) from \(first)", definitionHash: "\(count) from \(first)",
        metric: "loss", goal: .minimize, maximumAttempts: 2,
        stages: configs.enumerated().map {
            StagePlan(key: "k\(first + $0)", name: "train", input: nil, title: "x=\(first + $0)", config: $1)
        },
        trials: configs.enumerated().map { TrialPlan(number: $0 + 1, config: $1, stages: ["k\(first + $0)"]) })
}

/// Draws x = 10 times the trial's number; stops runs whose last value is above 5.
struct CountingSearch: TrialSearching {
    let cache = TrialCache()
    var otherMetrics: [String] = []

    func next(after trials: [DrawnRun], number: Int) -> DrawnTrial? {
        // Shared by two trials each, as a training of several generations is.
        let half = (number - 1) / 2
        return DrawnTrial(
            config: ["x": .int(Int64(number * 10)), "seen": .int(Int64(trials.count))],
            stages: [
                StagePlan(key: "t\(half)", name: "train", input: nil, title: "t\(half)", config: [:]),
                StagePlan(
                    key: "g\(number)", name: "generate", input: "t\(half)", title: "g\(number)",
                    config: ["x": .int(Int64(number * 10))]),
            ])
    }

    func stops(_ curves: [DrawnCurve]) -> Set<String> {
        Set(curves.filter { ($0.values.last ?? 0) > 5 }.map(\.handle))
    }
}

func drawnPlan(trials: Int?, stopsEarly: Bool = false) -> SweepPlan {
    SweepPlan(
        name: "drawn", project: "p", definition: "d", definitionHash: "d", metric: "loss", goal: .minimize,
        maximumAttempts: 2, stages: [], trials: [], method: "random", trialLimit: trials, stopsEarly: stopsEarly)
}
