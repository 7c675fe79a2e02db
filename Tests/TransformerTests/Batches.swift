import Tensor
import Transformer

/// A small model with weights that leave nothing trivially zero.
func smallModel(
    perModality: Bool = true, seed: UInt64 = 1, backend: any Backend = CPUBackend(threads: 1)
) throws -> Nano4M {
    let configuration = try Nano4MConfiguration(
        modalities: [
            .init(name: "image", vocabularySize: 11, maximumLength: 8),
            .init(name: "audio", vocabularySize: 7, maximumLength: 12),
            .init(name: "label", vocabularySize: 3, maximumLength: 1),
        ], dim: 8, encoderDepth: 1, decoderDepth: 2, headDim: 4, mlpRatio: 2, perModalityLossAverage: perModality)
    let model = Nano4M(configuration, seed: seed, backend: backend)
    var generator = Xoshiro256(seed: seed)
    for index in model.parameters.values.floats.indices {
        model.parameters.values.floats[index] += Float(0.3 * generator.normal())
    }
    return model
}

/// Random tokens of the model's modalities, as many of input and target as asked for.
func sample(_ model: Nano4M, inputs: Int, targets: Int, seed: UInt64, modalities: Int = 3) -> PackedBatch.Sample {
    var generator = Xoshiro256(seed: seed)
    func sequence(_ count: Int) -> TokenSequence {
        var sequence = TokenSequence()
        for _ in 0..<count {
            let index = Int.random(in: 0..<modalities, using: &generator)
            let modality = model.configuration.modalities[index]
            sequence.append(
                modality: Int32(index), position: .random(in: 0..<Int32(modality.maximumLength), using: &generator),
                token: .random(in: 0..<Int32(modality.vocabularySize), using: &generator))
        }
        return sequence
    }
    return PackedBatch.Sample(input: sequence(inputs), target: sequence(targets))
}
