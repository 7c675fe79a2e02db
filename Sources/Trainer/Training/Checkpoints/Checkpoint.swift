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
