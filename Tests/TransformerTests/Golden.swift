import Foundation
import Tensor
import Testing
import Transformer

/// What the reference implementation computed on a tiny model, from `Golden/`.
struct Golden {
    struct Expected: Decodable {
        struct Step: Decodable {
            let lr: Double
            let loss: Double
            let grad_norm: Double
            let per_modality: [String: Double]
        }
        struct Optimizer: Decodable {
            let betas: [Double]
            let eps: Double
            let weight_decay: Double
            let clip_grad: Double
        }
        let optimizer: Optimizer
        let steps: [Step]
        let params: Int
    }

    let expected: Expected
    let tensors: SafeTensors
    let weights: SafeTensors

    init(_ name: String) throws {
        let folder = try #require(Bundle.module.resourceURL).appending(path: "Golden/\(name)")
        expected = try JSONDecoder().decode(
            Expected.self, from: Data(contentsOf: folder.appending(path: "expected.json")))
        tensors = try SafeTensors(contentsOf: folder.appending(path: "expected.safetensors").path)
        weights = try SafeTensors(contentsOf: folder.appending(path: "weights.safetensors").path)
    }

    func model(backend: any Backend = CPUBackend()) throws -> Nano4M {
        let model = Nano4M(try Nano4MConfiguration(metadata: weights.metadata), seed: 0, backend: backend)
        try model.load(weights)
        return model
    }

    /// The padded batch of a step, packed.
    func batch(_ step: Int) throws -> PackedBatch {
        PackedBatch(
            samples: zip(try sequences("batch\(step).enc"), try sequences("batch\(step).dec")).map {
                PackedBatch.Sample(input: $0, target: $1)
            })
    }

    /// Which rows of the padded targets are real.
    func targetMask(_ step: Int) throws -> [Bool] { try tensors.uint8s("batch\(step).dec_pad_mask").map { $0 != 0 } }

    private func sequences(_ prefix: String) throws -> [TokenSequence] {
        let shape = try tensors.entry("\(prefix)_tokens").shape
        let (modalities, positions) = (
            try tensors.int32s("\(prefix)_modalities"), try tensors.int32s("\(prefix)_positions")
        )
        let (tokens, mask) = (try tensors.int32s("\(prefix)_tokens"), try tensors.uint8s("\(prefix)_pad_mask"))
        return (0..<shape[0]).map { sample in
            var sequence = TokenSequence()
            for index in (sample * shape[1])..<((sample + 1) * shape[1]) where mask[index] != 0 {
                sequence.append(modality: modalities[index], position: positions[index], token: tokens[index])
            }
            return sequence
        }
    }
}

/// Largest difference, as a share of the largest expected magnitude.
func relativeError(_ actual: some Collection<Float>, _ expected: [Float]) -> Float {
    guard actual.count == expected.count else { return .infinity }
    let scale = expected.map(abs).max() ?? 0
    let differences = zip(actual, expected).map { abs($0 - $1) }
    // `max` would let NaN pass.
    guard differences.allSatisfy(\.isFinite) else { return .infinity }
    return (differences.max() ?? 0) / max(scale, .leastNormalMagnitude)
}
