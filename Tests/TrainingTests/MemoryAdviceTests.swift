import Experiment
import Testing
import Training
import Transformer

@Suite("A GPU that is too small")
struct MemoryAdviceTests {
    private static func advice(_ changes: [String: JSONValue], ranks: Int = 1) throws -> MemoryAdvice {
        let base: [String: JSONValue] = [
            "dim": 512, "enc_depth": 6, "dec_depth": 6, "batch_size": 128, "input_tokens_range": [1, 128],
            "target_tokens_range": [1, 128],
        ]
        let settings = try TrainingSettings(config: base.merging(changes) { $1 })
        let modalities = ["image", "depth"].map {
            Nano4MConfiguration.Modality(name: $0, vocabularySize: 64_000, maximumLength: 256)
        }
        return MemoryAdvice(
            try Nano4MConfiguration(modalities: modalities, dim: 512, encoderDepth: 6, decoderDepth: 6, headDim: 64),
            settings, ranks: ranks)
    }

    @Test("It is said what was needed and which batch fits, and that batch does")
    func fits() throws {
        let advice = try MemoryAdviceTests.advice([:])
        let need = advice.need(batchSize: 128, parts: 1)
        let free = need - 500_000_000
        let batch = try #require(advice.largestBatch(within: free))
        #expect(batch < 128 && advice.need(batchSize: batch, parts: 1) <= free)
        #expect(advice.need(batchSize: batch + 1, parts: 1) > free)
        #expect(advice.fewestParts(within: free) == 2)
        let sentence = advice.sentence(device: "cuda:0 (NVIDIA V100)", free: free)
        #expect(sentence.hasPrefix("CUDA out of memory: training with batch_size 128 takes about "), "\(sentence)")
        #expect(
            sentence.hasSuffix(" were free; batch_size \(batch) fits, or grad_accum 2 with the same batch"),
            "\(sentence)")
    }

    @Test("A model that fits with no batch, and memory that others have taken, are told apart")
    func others() throws {
        let advice = try MemoryAdviceTests.advice([:])
        #expect(advice.largestBatch(within: 1 << 30) == nil && advice.fewestParts(within: 1 << 30) == nil)
        #expect(advice.sentence(device: "cuda:0", free: 1 << 30).hasSuffix("use a smaller model or a larger GPU"))
        #expect(advice.sentence(device: "cuda:0", free: 1 << 40).contains("let nobody else use this GPU"))
        #expect(advice.fewestParts(within: 1 << 40) == 1)
        let two = try MemoryAdviceTests.advice([:], ranks: 2)
        #expect(two.need(batchSize: 128, parts: 1) == advice.need(batchSize: 64, parts: 1))
        #expect(two.need(batchSize: 128, parts: 4) == advice.need(batchSize: 64, parts: 2))
    }
}
