import Experiment
import Tensor
package import Transformer

/// Saves a training as a whole, and finds the way back to where it was.
package struct TrainingCheckpoints {
    private let store: CheckpointStore
    private let metadata: [String: String]

    package init(store: CheckpointStore, configuration: Nano4MConfiguration) {
        self.store = store
        metadata = configuration.metadata
    }

    /// - Returns: the folder of the checkpoint.
    package func save(_ model: Nano4M, _ optimizer: AdamWOptimizer, at position: TrainingPosition) throws -> String {
        try store.write(position) { folder in
            try SafeTensors.write(
                model.checkpointTensors(), metadata: metadata, to: "\(folder)/\(Checkpoint.modelFile)")
            try SafeTensors.write(optimizer.checkpointTensors(), to: "\(folder)/\(Checkpoint.stateFile)")
        }
    }

    /// Puts model and optimizer in the newest state that can be read.
    ///
    /// - Returns: where that is; nil when there is no checkpoint at all.
    package func restore(_ model: Nano4M, _ optimizer: AdamWOptimizer) throws -> TrainingPosition? {
        try store.firstReadable { checkpoint in
            try load(model, from: checkpoint)
            try optimizer.load(SafeTensors(contentsOf: checkpoint.state))
            return checkpoint.position
        }
    }

    /// Puts the model alone in the newest state that can be read.
    package func restore(_ model: Nano4M) throws -> TrainingPosition? {
        try store.firstReadable { checkpoint in
            try load(model, from: checkpoint)
            return checkpoint.position
        }
    }

    private func load(_ model: Nano4M, from checkpoint: Checkpoint) throws {
        let weights = try SafeTensors(contentsOf: checkpoint.model)
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) where weights.metadata[key] != value {
            throw TrainingError(
                .otherCheckpoint,
                "\(checkpoint.path) has \(key) \(weights.metadata[key] ?? "unset") where the settings say \(value); "
                    + "use the settings that it was trained with, or another run directory")
        }
        try model.load(weights)
    }
}

extension CheckpointStore {
    /// What `read` makes of the newest checkpoint that it can read; a damaged one gives way to the one before.
    func firstReadable<Result>(_ read: (Checkpoint) throws -> Result) throws -> Result? {
        var damage: TensorError?
        for checkpoint in whole() {
            do {
                return try read(checkpoint)
            } catch let error as TensorError {
                damage = damage ?? error
            }
        }
        if let damage { throw damage }
        return nil
    }
}
