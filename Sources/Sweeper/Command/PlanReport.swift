import Experiment
import SweepSearch

/// What `sweeper plan` says of a sweep, and `--format json` prints.
struct PlanReport: Encodable {
    struct Trial: Encodable {
        var number: Int
        var config: [String: JSONValue]
        /// Keys of its stages, first to last.
        var stages: [String]
    }

    struct Stage: Encodable {
        var key: String
        var name: String
        var title: String
        var input: String?
        var resources: StageResources
        /// Trials that need it.
        var trials: Int
        /// Done already and taken over: by which sweep's run.
        var reused: String?
        /// As long as runs like it took; null where none was measured.
        var hours: Double?
    }

    struct Sharing: Encodable {
        var stage: String
        /// How many run.
        var stages: Int
        /// How many there would be if every trial had its own.
        var unshared: Int
    }

    struct Reuse: Encodable {
        /// False when no tracker answered: then nothing is known of what is done already.
        var isKnown: Bool
        var reason: String?
        /// Keys of stages that are done already and will be taken over.
        var stages: [String]
        /// Those that are done and will run again, because their files are not here or not as they were made.
        var damaged: [Damaged]
    }

    struct Damaged: Encodable {
        var key: String
        var reason: String
    }

    struct Hours: Encodable {
        /// Of GPUs, by the number that each stage asks for; null where a stage like one of these was never measured.
        var hours: Double?
        /// Of trainers, however many GPUs each has.
        var trainerHours: Double?
        /// Stages that nothing like was measured of.
        var unmeasured: Int
        var reason: String?
    }

    var name: String
    var project: String
    var method: String
    var trials: [Trial]
    var stages: [Stage]
    var sharing: [Sharing]
    var reuse: Reuse
    var gpuHours: Hours

    enum CodingKeys: String, CodingKey {
        case name, project, method, trials, stages, sharing, reuse
        case gpuHours = "gpu_hours"
    }

    init(_ plan: SweepPlan, _ record: PlanRecord) {
        name = plan.name
        project = plan.project
        method = plan.method
        trials = plan.trials.map { Trial(number: $0.number, config: $0.config, stages: $0.stages) }
        var users: [String: Int] = [:]
        for trial in plan.trials { for key in trial.stages { users[key, default: 0] += 1 } }
        stages = plan.stages.map { stage in
            Stage(
                key: stage.key, name: stage.name, title: stage.title, input: stage.input, resources: stage.resources,
                trials: users[stage.key] ?? 0, reused: record.reused[stage.key].map { "\($0.sweepName)/\($0.run)" },
                hours: plan.programs?[stage.name] == nil
                    ? record.costs?.seconds(stage).map { $0 / 3600 } : nil)
        }
        var names: [String] = []
        for stage in plan.stages where !names.contains(stage.name) { names.append(stage.name) }
        sharing = names.map { name in
            Sharing(stage: name, stages: plan.stages.count { $0.name == name }, unshared: plan.trials.count)
        }
        reuse = Reuse(
            isKnown: record.reuseProblem == nil, reason: record.reuseProblem,
            stages: plan.stages.map(\.key).filter { record.reused[$0] != nil },
            damaged: plan.stages.compactMap { stage in
                record.damaged[stage.key].map { Damaged(key: stage.key, reason: $0) }
            })
        gpuHours = PlanReport.hours(stages, problem: record.costProblem)
    }

    private static func hours(_ stages: [Stage], problem: String?) -> Hours {
        let left = stages.filter { $0.reused == nil }
        let unmeasured = left.count { $0.hours == nil }
        guard unmeasured == 0 else {
            return Hours(unmeasured: unmeasured, reason: problem ?? "no run like these was measured yet")
        }
        let trainers = left.reduce(0) { $0 + ($1.hours ?? 0) }
        let gpus = left.reduce(0) { $0 + ($1.hours ?? 0) * Double($1.resources.gpus ?? 0) }
        return Hours(hours: gpus, trainerHours: trainers, unmeasured: 0)
    }
}
