import Tensor

/// A batch without padding: the samples' tokens one after the other, and how many belong to each sample.
package struct PackedBatch: Sendable, Hashable {
    /// What one sample shows the encoder and asks of the decoder. Target tokens are the truth; they are not shown.
    package struct Sample: Sendable, Hashable {
        package var input: TokenSequence
        package var target: TokenSequence

        package init(input: TokenSequence, target: TokenSequence) {
            self.input = input
            self.target = target
        }
    }

    package struct Side: Sendable, Hashable {
        package fileprivate(set) var lengths: [Int] = []
        package fileprivate(set) var tokens = TokenSequence()

        package init() {}

        /// Throws unless the lengths add up to the tokens.
        package init(lengths: [Int], tokens: TokenSequence) throws(TransformerError) {
            guard lengths.allSatisfy({ $0 >= 0 }), lengths.reduce(0, +) == tokens.count else {
                throw TransformerError(.invalidBatch, "lengths must add up to the \(tokens.count) tokens")
            }
            self.lengths = lengths
            self.tokens = tokens
        }

        /// Some of the samples.
        fileprivate func part(_ samples: Range<Int>) -> Side {
            let first = lengths[..<samples.lowerBound].reduce(0, +)
            var part = Side()
            part.lengths = Array(lengths[samples])
            part.tokens = tokens.part(first..<(first + part.lengths.reduce(0, +)))
            return part
        }

        mutating func append(_ sequence: TokenSequence) {
            lengths.append(sequence.count)
            tokens.append(sequence)
        }
    }

    package private(set) var input = Side()
    package private(set) var target = Side()

    package init(samples: [Sample]) {
        for sample in samples {
            input.append(sample.input)
            target.append(sample.target)
        }
    }

    /// Throws unless both sides have the same number of samples.
    package init(input: Side, target: Side) throws(TransformerError) {
        guard input.lengths.count == target.lengths.count else {
            throw TransformerError(
                .invalidBatch, "\(input.lengths.count) input and \(target.lengths.count) target sequences do not pair")
        }
        self.input = input
        self.target = target
    }

    package var sampleCount: Int { input.lengths.count }

    /// Inputs and targets together.
    package var tokenCount: Int { input.tokens.count + target.tokens.count }

    /// The batch in the model's own ids: see ``Nano4MConfiguration/tokenOffsets``.
    func shifted(for configuration: Nano4MConfiguration) -> PackedBatch {
        let (tokens, positions) = (configuration.tokenOffsets, configuration.positionOffsets)
        guard tokens != nil || positions != nil else { return self }
        var shifted = self
        shifted.input.tokens = input.tokens.shifted(tokens: tokens, positions: positions)
        shifted.target.tokens = target.tokens.shifted(tokens: tokens, positions: positions)
        return shifted
    }

    /// Up to `count` batches of neighbouring samples that together are this one, sizes differing by one at most.
    func split(_ count: Int) -> [PackedBatch] {
        let parts = max(1, min(count, sampleCount))
        guard parts > 1 else { return [self] }
        return (0..<parts).map { part in
            let samples = (part * sampleCount / parts)..<((part + 1) * sampleCount / parts)
            var batch = PackedBatch(samples: [])
            batch.input = input.part(samples)
            batch.target = target.part(samples)
            return batch
        }
    }

    /// The batch and samples that nobody counts after it, so that the rows of both sides come in ``RowBuckets``. They
    /// are several, since attention costs more in long ones, and as many for all batches of these buckets.
    func filled() -> PackedBatch {
        let (inputs, targets) = (input.tokens.count, target.tokens.count)
        let samples = max(RowBuckets.step(inputs), RowBuckets.step(targets)) / PackedBatch.fillingRows + 1
        let missing = (RowBuckets.filled(inputs) - inputs, RowBuckets.filled(targets) - targets)
        var filled = self
        for sample in 0..<samples {
            func share(_ missing: Int) -> Int { missing * (sample + 1) / samples - missing * sample / samples }
            filled.input.append(TokenSequence(filling: share(missing.0)))
            filled.target.append(TokenSequence(filling: share(missing.1)))
        }
        return filled
    }

    private static let fillingRows = 64

    /// Checks every id against the model's modalities, positions and vocabularies.
    package func validate(for configuration: Nano4MConfiguration) throws(TransformerError) {
        for tokens in [input.tokens, target.tokens] {
            for index in 0..<tokens.count {
                let (modality, position, token) = (
                    Int(tokens.modality[index]), Int(tokens.position[index]), Int(tokens.token[index])
                )
                guard configuration.modalities.indices.contains(modality) else {
                    throw TransformerError(
                        .invalidBatch, "modality \(modality) is not one of the \(configuration.modalities.count)")
                }
                let kind = configuration.modalities[modality]
                guard (0..<kind.maximumLength).contains(position) else {
                    throw TransformerError(
                        .invalidBatch, "\(kind.name) has positions 0 to \(kind.maximumLength - 1), not \(position)")
                }
                guard (0..<kind.vocabularySize).contains(token) else {
                    throw TransformerError(
                        .invalidBatch, "\(kind.name) has tokens 0 to \(kind.vocabularySize - 1), not \(token)")
                }
            }
        }
    }
}
