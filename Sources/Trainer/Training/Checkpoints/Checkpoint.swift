package import Dataset

/// How far a training is: together with the settings it decides everything that comes after.
package struct TrainingPosition: Codable, Sendable, Hashable {
    /// Steps done.
    package var step = 0
    /// The last step that was followed by an evaluation, so that none is lost or made twice.
    package var evaluatedStep: Int?
    /// What a curriculum decides by.
    package var masking: MaskingProgress?
    /// The loss of an evaluation after exactly these steps.
    package var evalLoss: Double?
    /// The lowest value so far of the metric that may end the run early.
    package var bestMetric: Double?
    /// Evaluations since that was found.
    package var evaluationsSinceBest: Int?

    package init(step: Int = 0, evaluatedStep: Int? = nil, evalLoss: Double? = nil) {
        self.step = step
        self.evaluatedStep = evaluatedStep
        self.evalLoss = evalLoss
    }

    /// Takes in a step's losses by modality.
    mutating func followMasking(_ losses: [Double?]) {
        var progress = masking ?? MaskingProgress()
        progress.add(losses)
        masking = progress
    }
}

/// A whole checkpoint on disk.
package struct Checkpoint: Sendable, Hashable {
    package let path: String
    package let position: TrainingPosition

    /// Weights with the reference's names, and the model's arguments as metadata.
    package var model: String { "\(path)/\(Checkpoint.modelFile)" }
    /// The optimizer's moments.
    package var state: String { "\(path)/\(Checkpoint.stateFile)" }

    /// The averaged weights, in a run that keeps them: a model's file as the other.
    package var average: String { "\(path)/\(Checkpoint.averageFile)" }

    package static let modelFile = "model.safetensors"
    package static let averageFile = "average.safetensors"
    package static let stateFile = "state.safetensors"
}

/// The file that makes a checkpoint whole: written last.
struct CheckpointManifest: Codable {
    static let fileName = "checkpoint.json"

    var position: TrainingPosition
    /// Bytes by file name.
    var files: [String: Int]
}
