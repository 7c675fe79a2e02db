import Experiment
import Tensor
package import Transformer

/// Saves a training as a whole, and finds the way back to where it was.
package struct TrainingCheckpoints {
    private let store: CheckpointStore
    private let metadata: [String: String]
    private let say: (String) -> Void

    /// `say` hears of each damaged checkpoint that is passed over.
    package init(
        store: CheckpointStore, configuration: Nano4MConfiguration, say: @escaping (String) -> Void = StageRunner.say
    ) {
        self.store = store
        metadata = configuration.metadata
        self.say = say
    }

    /// - Returns: the folder of the checkpoint.
    package func save(_ state: TrainingState, at position: TrainingPosition) throws -> String {
        try store.write(position) { folder in
            try SafeTensors.write(
                state.model.checkpointTensors(), metadata: metadata, to: "\(folder)/\(Checkpoint.modelFile)")
            try SafeTensors.write(
                state.optimizer.checkpointTensors(), metadata: state.metadata,
                to: "\(folder)/\(Checkpoint.stateFile)")
            if let average = state.average {
                try SafeTensors.write(
                    average.checkpointTensors(), metadata: metadata, to: "\(folder)/\(Checkpoint.averageFile)")
            }
        }
    }

    package var isEmpty: Bool { store.whole().isEmpty }

    /// Whether a checkpoint of a state with this eval loss would be kept for it.
    func isAmongBest(_ loss: Double) -> Bool { store.isAmongBest(loss) }

    /// Puts a training in the newest state whose checkpoint is as it was written.
    ///
    /// - Returns: where that is; nil when there is no checkpoint at all.
    package func restore(_ state: TrainingState) throws -> TrainingPosition? {
        try firstValid { checkpoint in
            try state.model.load(weights(checkpoint, checkpoint.model))
            let optimizer = try SafeTensors(contentsOf: checkpoint.state)
            try compare(optimizer, state.metadata, checkpoint)
            try state.optimizer.load(optimizer)
            if let average = state.average { try average.load(weights(checkpoint, checkpoint.average)) }
            return checkpoint.position
        }
    }

    /// Puts the model alone in the newest such state, averaged if it was trained so.
    package func restore(_ model: Nano4M, averaged: Bool) throws -> TrainingPosition? {
        try firstValid { checkpoint in
            try model.load(weights(checkpoint, averaged ? checkpoint.average : checkpoint.model))
            return checkpoint.position
        }
    }

    private func firstValid<Result>(_ read: (Checkpoint) throws -> Result) throws -> Result? {
        try store.firstValid(read) { say("\($0.description); looking at the one before") }
    }

    private func weights(_ checkpoint: Checkpoint, _ path: String) throws -> SafeTensors {
        let weights = try SafeTensors(contentsOf: path)
        try compare(weights, metadata, checkpoint)
        return weights
    }

    private func compare(_ file: SafeTensors, _ metadata: [String: String], _ checkpoint: Checkpoint) throws {
        for key in Set(metadata.keys).union(file.metadata.keys).sorted() where file.metadata[key] != metadata[key] {
            throw TrainingError(
                .otherCheckpoint,
                "\(checkpoint.path) has \(key) \(file.metadata[key] ?? "unset") where the settings say "
                    + "\(metadata[key] ?? "unset"); use the settings that it was trained with, or another run directory"
            )
        }
    }
}
