import Experiment
import FoundationEssentials
import TrackerStore

/// A moment that is exact in microseconds.
let noon = Date(timeIntervalSince1970: 1_790_000_000)

func runID(_ text: String) throws -> RunID {
    guard let id = RunID(rawValue: text) else { throw StoreError(.unknownRun, "bad id \(text)") }
    return id
}

func start(
    project: String = "p", name: String? = nil, sweep: String? = nil, config: [String: JSONValue] = [:]
) -> RunRecord {
    .start(RunStart(project: project, name: name, sweep: sweep, config: config, host: "h", time: noon))
}

func row(_ step: Int64, _ values: [String: Double], seconds: Double = 0) -> RunRecord {
    .metrics(MetricRow(step: step, time: noon.addingTimeInterval(seconds), values: values))
}

func finish(_ state: RunState = .finished, exitCode: Int32 = 0) -> RunRecord {
    .finish(RunFinish(state: state, exitCode: exitCode, message: nil, time: noon.addingTimeInterval(60)))
}

func batch(_ attempt: Int = 1, from first: Int64 = 1, _ records: RunRecord...) -> IngestRequest {
    IngestRequest(
        attempt: attempt,
        records: records.enumerated().map { SequencedRecord(sequence: first + Int64($0), record: $1) })
}

/// 2 subsets x 2 seeds; a training each, and a generation each that needs it.
func examplePlan(name: String = "sweep", maximumAttempts: Int = 2) -> SweepPlan {
    var stages: [StagePlan] = []
    var generations: [StagePlan] = []
    var trials: [TrialPlan] = []
    for subset in ["image", "joint"] {
        for seed in 0..<2 {
            let config: [String: JSONValue] = ["subset": .string(subset), "seed": .int(Int64(seed)), "dim": .int(8)]
            let key = "\(subset)\(seed)"
            stages.append(StagePlan(key: "t-\(key)", name: "train", input: nil, title: key, config: config))
            generations.append(
                StagePlan(key: "g-\(key)", name: "generate", input: "t-\(key)", title: key, config: config))
            trials.append(TrialPlan(number: trials.count + 1, config: config, stages: ["t-\(key)", "g-\(key)"]))
        }
    }
    return SweepPlan(
        name: name, project: "p", definition: "name: \(name)", definitionHash: "hash", metric: "accuracy",
        goal: .maximize, maximumAttempts: maximumAttempts, stages: stages + generations, trials: trials)
}

let claimRequest = ClaimRequest(
    claimant: ProcessIdentity(host: "a", pid: 1, startTicks: .max), leaseSeconds: 60)
