import Experiment
import FoundationEssentials
package import Tensor

/// What another implementation computed for a few steps of a small training, as files; ``Verification`` compares.
///
/// `weights.safetensors`, with the model's arguments as metadata; `expected.safetensors`, with padded batches, the first
/// batch's logits and gradients and the weights after all steps; `expected.json`, with the optimizer and each step.
package struct GoldenDirectory {
    package struct Step: Decodable, Sendable {
        package let learningRate: Double
        package let loss: Double
        package let gradientNorm: Double
        /// By modality name; 0 for one without targets.
        package let modalityLoss: [String: Double]

        private enum CodingKeys: String, CodingKey {
            case learningRate = "lr"
            case loss
            case gradientNorm = "grad_norm"
            case modalityLoss = "per_modality"
        }
    }

    private struct Expected: Decodable {
        struct Optimizer: Decodable {
            let betas: [Double]
            let eps: Double
            let weightDecay: Double
            let clip: Double
            let muonRateRatio: Double?
            let muonMomentum: Double?

            enum CodingKeys: String, CodingKey {
                case betas, eps
                case weightDecay = "weight_decay"
                case clip = "clip_grad"
                case muonRateRatio = "muon_rate_ratio"
                case muonMomentum = "muon_momentum"
            }
        }
        let optimizer: Optimizer
        let steps: [Step]
    }

    package let path: String
    package let steps: [Step]
    package let optimizer: AdamWOptimizer.Settings
    package let tensors: SafeTensors
    package let weights: SafeTensors
    package let configuration: Nano4MConfiguration

    package init(path: String) throws {
        self.path = path
        weights = try SafeTensors(contentsOf: "\(path)/weights.safetensors")
        tensors = try SafeTensors(contentsOf: "\(path)/expected.safetensors")
        configuration = try Nano4MConfiguration(metadata: weights.metadata)
        guard let data = FileManager.default.contents(atPath: "\(path)/expected.json") else {
            throw TransformerError(.invalidGolden, "\(path)/expected.json cannot be read; give a golden directory")
        }
        let expected: Expected
        do {
            expected = try JSONDecoder().decode(Expected.self, from: data)
        } catch {
            throw TransformerError(.invalidGolden, "\(path)/expected.json lacks its optimizer or its steps: \(error)")
        }
        guard expected.optimizer.betas.count == 2, !expected.steps.isEmpty else {
            throw TransformerError(.invalidGolden, "\(path)/expected.json needs two betas and at least one step")
        }
        steps = expected.steps
        var settings = AdamWOptimizer.Settings()
        (settings.beta1, settings.beta2) = (expected.optimizer.betas[0], expected.optimizer.betas[1])
        settings.epsilon = expected.optimizer.eps
        settings.weightDecay = expected.optimizer.weightDecay
        settings.clipNorm = expected.optimizer.clip
        if let ratio = expected.optimizer.muonRateRatio {
            settings.muon = MuonSettings(rateRatio: ratio, momentum: expected.optimizer.muonMomentum ?? 0.95)
        }
        optimizer = settings
    }

    /// The model at the start.
    package func model(backend: any Backend = CPUBackend()) throws -> Nano4M {
        let model = Nano4M(configuration, seed: 0, backend: backend)
        try model.load(weights)
        return model
    }

    /// The padded batch of a step, packed.
    package func batch(_ step: Int) throws -> PackedBatch {
        let (inputs, targets) = (try sequences("batch\(step).enc"), try sequences("batch\(step).dec"))
        guard inputs.count == targets.count else {
            throw TransformerError(.invalidGolden, "batch \(step) has \(inputs.count) inputs, \(targets.count) targets")
        }
        return PackedBatch(samples: zip(inputs, targets).map { PackedBatch.Sample(input: $0, target: $1) })
    }

    /// Logits of the first batch's real targets, row-major.
    package func logits() throws -> [Float] {
        let (padded, columns) = (try tensors.floats("step0.logits"), configuration.vocabularySize)
        let mask = try tensors.uint8s("batch0.dec_pad_mask")
        guard padded.count == mask.count * columns else {
            throw TransformerError(.invalidGolden, "step0.logits has \(padded.count) values for \(mask.count) targets")
        }
        return mask.indices.filter { mask[$0] != 0 }.flatMap { padded[($0 * columns)..<(($0 + 1) * columns)] }
    }

    /// The stored ids are the model's; sequences have each modality's own.
    private func sequences(_ prefix: String) throws -> [TokenSequence] {
        let shape = try tensors.entry("\(prefix)_tokens").shape
        let names = ["modalities", "positions", "tokens"].map { "\(prefix)_\($0)" }
        let (modalities, positions, tokens) = (
            try tensors.int32s(names[0]), try tensors.int32s(names[1]), try tensors.int32s(names[2])
        )
        let mask = try tensors.uint8s("\(prefix)_pad_mask")
        guard shape.count == 2, [modalities.count, positions.count, mask.count].allSatisfy({ $0 == tokens.count }),
            modalities.allSatisfy({ configuration.modalities.indices.contains(Int($0)) })
        else { throw TransformerError(.invalidGolden, "\(prefix) needs four arrays of one shape and known modalities") }
        let (tokenOffsets, positionOffsets) = (configuration.tokenOffsets, configuration.positionOffsets)
        return (0..<shape[0]).map { sample in
            var sequence = TokenSequence()
            for index in (sample * shape[1])..<((sample + 1) * shape[1]) where mask[index] != 0 {
                let modality = Int(modalities[index])
                sequence.append(
                    modality: modalities[index], position: positions[index] - (positionOffsets?[modality] ?? 0),
                    token: tokens[index] - (tokenOffsets?[modality] ?? 0))
            }
            return sequence
        }
    }
}
