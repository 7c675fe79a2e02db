import FoundationEssentials
import Tensor
package import Transformer

/// Weights that a training begins with instead of random ones: ours or a PyTorch nano4M's.
package enum InitialWeights {
    /// Loads a safetensors file, a checkpoint's folder or the newest checkpoint of a run's directory.
    package static func load(_ source: String, into model: Nano4M) throws {
        let file = try file(source)
        let weights: SafeTensors
        do {
            weights = try SafeTensors(contentsOf: file)
        } catch {
            throw TrainingError(.unusableWeights, "init_from \(source): \(error.description)")
        }
        try check(weights, source, model.configuration)
        do {
            try model.load(weights)
        } catch let error as TensorError {
            throw TrainingError(.unusableWeights, "init_from \(source): \(error.description)")
        }
    }

    private static func file(_ source: String) throws -> String {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: source, isDirectory: &isFolder), isFolder else { return source }
        if let newest = try CheckpointStore(runDirectory: source).firstValid({ $0.model }) { return newest }
        // A checkpoint's own folder, or one that another program has put a model in.
        let isOurs = FileManager.default.fileExists(atPath: "\(source)/\(CheckpointManifest.fileName)")
        return isOurs ? try CheckpointStore.verified(source).model : "\(source)/\(Checkpoint.modelFile)"
    }

    /// What shapes do not tell but what the weights mean depends on.
    private static func check(_ weights: SafeTensors, _ source: String, _ own: Nano4MConfiguration) throws {
        guard weights.metadata["head_dim"] != nil else { return }
        let other = try Nano4MConfiguration(metadata: weights.metadata)
        let pairs: [(key: String, other: String, own: String)] = [
            ("head_dim", "\(other.headDim)", "\(own.headDim)"),
            ("rope", "\(other.options.rotary)", "\(own.options.rotary)"),
            ("modalities", "\(other.modalities.count)", "\(own.modalities.count)"),
        ]
        for pair in pairs where pair.other != pair.own {
            throw TrainingError(
                .unusableWeights,
                "init_from \(source) has \(pair.key) \(pair.other) where the settings say \(pair.own); set it the same")
        }
    }
}
