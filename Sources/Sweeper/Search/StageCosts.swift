package import Experiment

/// How long stages take, judged by finished runs of the same kind: a training by its steps, a generation as a whole.
package struct StageCosts: Sendable {
    /// What decides how long a step takes.
    private struct Shape: Hashable {
        var numbers: [Double]

        init(_ settings: TrainingSettings) {
            numbers = [
                Double(settings.dim), Double(settings.encoderDepth), Double(settings.decoderDepth),
                Double(settings.headDim), settings.mlpRatio, Double(settings.inputTokensRange.upperBound),
                Double(settings.targetTokensRange.upperBound),
            ]
        }
    }

    private struct TrainingKey: Hashable {
        var shape: Shape
        var batchSize: Int?
    }

    private struct GenerationKey: Hashable {
        var shape: Shape
        var target: String
        var steps: Int
        var clips: Int
    }

    /// Of each run of the kind.
    private var secondsPerStep: [TrainingKey: [Double]] = [:]
    private var secondsOfGeneration: [GenerationKey: [Double]] = [:]

    package init(trainings: [MeasuredRun], generations: [MeasuredRun]) {
        for run in trainings {
            guard let seconds = run.seconds, let settings = try? TrainingSettings(config: run.config) else { continue }
            let perStep = seconds / Double(settings.totalSteps)
            let shape = Shape(settings)
            secondsPerStep[TrainingKey(shape: shape, batchSize: settings.batchSize), default: []].append(perStep)
            // Other batches are judged by what a sample took.
            secondsPerStep[TrainingKey(shape: shape), default: []].append(perStep / Double(settings.batchSize))
        }
        for run in generations {
            guard let seconds = run.seconds, let key = StageCosts.generation(run.config) else { continue }
            secondsOfGeneration[key, default: []].append(seconds)
        }
    }

    /// Nil where no run like it was measured.
    package func seconds(_ stage: StagePlan) -> Double? {
        switch stage.name {
        case "train":
            guard let settings = try? TrainingSettings(config: stage.config) else { return nil }
            let (shape, steps) = (Shape(settings), Double(settings.totalSteps))
            let exact = secondsPerStep[TrainingKey(shape: shape, batchSize: settings.batchSize)]
            if let exact { return StageCosts.median(exact) * steps }
            return secondsPerStep[TrainingKey(shape: shape)].map {
                StageCosts.median($0) * Double(settings.batchSize) * steps
            }
        case "generate":
            return StageCosts.generation(stage.config).flatMap { secondsOfGeneration[$0] }.map(StageCosts.median)
        default: return nil
        }
    }

    private static func generation(_ config: [String: JSONValue]) -> GenerationKey? {
        guard let training = try? TrainingSettings(config: config),
            let generation = try? GenerationSettings(config: config)
        else { return nil }
        return GenerationKey(
            shape: Shape(training), target: generation.target, steps: generation.steps, clips: generation.clips)
    }

    /// Of a list that is not empty.
    private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
