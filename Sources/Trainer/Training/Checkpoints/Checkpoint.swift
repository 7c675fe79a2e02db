/// How far a training is: together with the settings it decides everything that comes after.
package struct TrainingPosition: Codable, Sendable, Hashable {
    /// Steps done.
    package var step = 0
    /// The last step that was followed by an evaluation, so that none is lost or made twice.
    package var evaluatedStep: Int?

    package init(step: Int = 0, evaluatedStep: Int? = nil) {
        self.step = step
        self.evaluatedStep = evaluatedStep
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

    package static let modelFile = "model.safetensors"
    package static let stateFile = "state.safetensors"
}

/// The file that makes a checkpoint whole: written last.
struct CheckpointManifest: Codable {
    static let fileName = "checkpoint.json"

    var position: TrainingPosition
    /// Bytes by file name.
    var files: [String: Int]
}
