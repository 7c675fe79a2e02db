import CUDA
import Experiment
import FoundationEssentials
import Glibc
import Tensor
import Transformer

/// Times the generation of a model's first modality from tokens of its second, in random order at temperature 0.
struct GenerationBench: Encodable {
    /// What a clip was generated from and what came out, so that a peer can repeat it.
    struct Clip: Encodable {
        let modality: [Int32]
        let position: [Int32]
        let token: [Int32]
        /// Positions of each step.
        let groups: [[Int32]]
        let generated: [Int32]
    }

    let parameters: Int
    let clips: Int
    let length: Int
    let steps: Int
    let device: String
    /// Of the processor's threads and kernels, or of the card.
    let deviceDescription: String
    let tokensPerSecond: Double
    let peakMemoryBytes: Int
    private let plan: [Clip]

    enum CodingKeys: String, CodingKey {
        case parameters, clips, length, steps, device
        case deviceDescription = "device_description"
        case tokensPerSecond = "tokens_per_second"
        case peakMemoryBytes = "peak_memory_bytes"
    }

    /// Tokens of the second modality that are shown: as many as ``GenerationTask`` shows.
    private static let conditionLength = 256

    /// Repeats the generation of `clips` clips together for at least `seconds`, after once that is not counted.
    init(
        weights path: String, clips: Int, steps: Int, seconds: Double, device: ComputeDevice.Chosen
    ) throws {
        let weights = try SafeTensors(contentsOf: path)
        let model = Nano4M(try Nano4MConfiguration(metadata: weights.metadata), seed: 0, backend: device.backend)
        try model.load(weights)
        let modalities = model.configuration.modalities
        guard modalities.count > 1 else {
            throw TransformerError(
                .invalidCheckpoint,
                "\(path) holds a model of one modality; generation from another needs two")
        }
        let length = min(256, modalities[0].maximumLength)
        let generator = ROARGenerator(
            try DecodingPlan(target: 0, length: length, steps: steps, sampler: Sampler(temperature: 0)))
        var random = Xoshiro256(seed: 1)
        let conditions = (0..<clips).map { _ in GenerationBench.condition(modalities[1], using: &random) }
        var tokens = try generator.generate(model, conditions: conditions, seed: 0)
        let clock = ContinuousClock()
        var (total, rounds) = (0.0, 0)
        repeat {
            let time = try clock.measure {
                tokens = try generator.generate(model, conditions: conditions, seed: 0)
            }
            total += time / .seconds(1)
            rounds += 1
        } while total < seconds
        plan = conditions.indices.map { clip in
            var own = ROARGenerator.generator(seed: 0, clip: clip)
            return Clip(
                modality: conditions[clip].modality, position: conditions[clip].position,
                token: conditions[clip].token, groups: generator.groups(using: &own), generated: tokens[clip])
        }
        parameters = model.parameters.count
        self.clips = clips
        self.length = length
        self.steps = generator.plan.steps
        self.device = device.device
        deviceDescription = device.description
        tokensPerSecond = Double(rounds * clips * length) / total
        peakMemoryBytes = ProcessMemory.peak
    }

    /// Random tokens at evenly spaced positions.
    private static func condition(
        _ modality: Nano4MConfiguration.Modality, using random: inout Xoshiro256
    ) -> TokenSequence {
        var sequence = TokenSequence()
        let shown = min(conditionLength, modality.maximumLength)
        for place in 0..<shown {
            sequence.append(
                modality: 1, position: Int32(place * modality.maximumLength / shown),
                token: Int32(Int.random(in: 0..<modality.vocabularySize, using: &random)))
        }
        return sequence
    }

    /// The clips, as JSON.
    func writePlan(to path: String) throws {
        try Data(JSONCoding.encode(plan)).write(to: URL(filePath: path))
    }

    var table: String {
        """
        \(clips) clips of \(length) tokens in \(steps) steps, \(parameters) parameters
        tokens per second  \(Int(tokensPerSecond.rounded()))
        device             \(device): \(deviceDescription)
        peak memory        \(peakMemoryBytes >> 20) MiB
        """
    }
}
