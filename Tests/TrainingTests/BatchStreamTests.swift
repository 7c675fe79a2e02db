import Dataset
import Experiment
import Testing
import Training
import Transformer

@Suite("The batches of a training")
struct BatchStreamTests {
    let folder = TemporaryFolder()

    /// Six clips, each with a token of its own at all of its positions.
    private func stream(seed: Int = 0) throws -> BatchStream {
        let modalities = ["a", "b"].map { ModalityInfo(name: $0, length: 8, vocabularySize: 6) }
        let path = "\(folder.path)/six.h5"
        let rows = TokenRows(
            clips: (0..<6).map { "clip-\($0)" },
            tokens: Dictionary(
                uniqueKeysWithValues: modalities.map { modality in
                    (modality.name, (0..<6).flatMap { [Int32](repeating: $0, count: modality.length) })
                }))
        try TokenSetWriter.write(
            to: path, modalities: modalities, labels: [], splits: [.train: rows, .eval: rows], tokenizerHashes: [:],
            provenance: Provenance(source: "synthetic", credit: "", options: [:], ffmpeg: "", createdBy: "tests"))
        let masker = try Masker(
            strategy: .balanced, modalities: modalities, inputRange: 4...4, targetRange: 4...4, seed: seed)
        return try BatchStream(tokens: TokenSet.open(path), masker: masker, batchSize: 3, seed: seed)
    }

    /// The clip of each sample, told by its tokens.
    private func clips(_ batch: PackedBatch) -> [Int32] { (0..<3).map { batch.input.tokens.token[4 * $0] } }

    private func batches(_ stream: BatchStream, _ steps: Range<Int>) throws -> [PackedBatch] {
        var stream = stream
        return try steps.map { try stream.batch(step: $0) }
    }

    @Test("Each pass has every clip once, in an order and with masks of its own")
    func passes() throws {
        let batches = try batches(stream(), 0..<8)
        let passes = (0..<4).map { clips(batches[2 * $0]) + clips(batches[2 * $0 + 1]) }
        for pass in passes { #expect(pass.sorted() == Array(0..<6)) }
        #expect(Set(passes).count > 1)
        // Of one clip: the positions that it shows in each pass.
        let shown = (0..<4).map { pass -> [Int32] in
            let place = passes[pass].firstIndex(of: 2) ?? 0
            let tokens = batches[2 * pass + place / 3].input.tokens
            let rows = 4 * (place % 3)..<4 * (place % 3) + 4
            return rows.map { 8 * tokens.modality[$0] + tokens.position[$0] }
        }
        #expect(Set(shown).count > 1)
    }

    @Test("A batch is the same whatever was asked for before it, and another for another seed")
    func independent() throws {
        let whole = try batches(stream(), 0..<6)
        #expect(try batches(stream(), 5..<6) == [whole[5]])
        #expect(try batches(stream(seed: 1), 0..<6) != whole)
    }
}
