import Tensor
import Testing

@testable import Transformer

/// Batches filled up to numbers of rows that come again.
@Suite("Filled batches")
struct FilledBatchTests {
    @Test(
        "Rows grow by a sixteenth at most, or 15",
        arguments: [(0, 0), (1, 16), (16, 16), (17, 32), (511, 512), (513, 544), (8256, 8704), (16_384, 16_384)])
    func buckets(rows: Int, filled: Int) {
        #expect(RowBuckets.filled(rows) == filled)
        #expect(filled - rows < max(16, rows / 16 + 1))
    }

    @Test(
        "Rows of the token table are filled up by others, each once, as far as there are any",
        arguments: [
            ([0, 2, 17], 40, 16), ([5], 6, 6), (Array(0..<20), 33, 32), (Array(0..<20), 20, 20), ([39], 40, 16),
        ])
    func rows(touched: [Int32], of count: Int, filled: Int) {
        let rows = GradientSharing.filled(touched, of: count)
        #expect(rows.count == filled && Set(rows).count == filled && Array(rows.prefix(touched.count)) == touched)
        #expect(rows.allSatisfy { $0 >= 0 && $0 < Int32(count) })
    }

    @Test("A batch keeps its samples, and all batches of its buckets get as many")
    func samples() throws {
        func batch(_ lengths: [Int]) -> PackedBatch {
            PackedBatch(
                samples: lengths.map { length in
                    var sample = PackedBatch.Sample(input: TokenSequence(), target: TokenSequence())
                    for position in 0..<length { sample.input.append(modality: 1, position: Int32(position), token: 3) }
                    sample.target.append(modality: 0, position: 2, token: 1)
                    return sample
                })
        }
        let (own, filled) = (batch([700, 400, 3]), batch([700, 400, 3]).filled())
        #expect(filled.input.tokens.count == 1152 && filled.target.tokens.count == 16)
        #expect(Array(filled.input.lengths.prefix(3)) == own.input.lengths)
        #expect(filled.input.tokens.part(0..<1103) == own.input.tokens)
        #expect(filled.input.lengths.dropFirst(3).max() ?? 0 <= 64)
        #expect(filled.sampleCount == batch([1024, 65, 60]).filled().sampleCount)
        #expect(filled.sampleCount > 3 && filled.sampleCount == filled.target.lengths.count)
    }
}
