package import Experiment
import Tensor

/// Draws which tokens of a clip are inputs and which are targets.
///
/// A draw depends on (seed, clip, epoch) alone, and a curriculum's on its progress, so a resumed run sees what it would
/// have seen.
package struct Masker: Sendable {
    package let modalities: [ModalityInfo]
    private let inputRange: ClosedRange<Int>
    private let targetRange: ClosedRange<Int>
    private let rule: any MaskingRule
    /// By modality index; random positions where there is none.
    private let spans: [SpanMasking?]
    private let seed: Int

    /// `modalities` are those of the run's subset, in the order of every sample's tokens. The ranges bound the numbers
    /// of input and target tokens, each drawn uniformly. `frames` has the positions of each frame, by modality name, for
    /// spans; a modality without has frames of one token.
    package init(
        strategy: MaskingStrategy, modalities: [ModalityInfo], frames: [String: [[Int]]] = [:],
        inputRange: ClosedRange<Int>, targetRange: ClosedRange<Int>, seed: Int
    ) throws(DatasetError) {
        guard modalities.reduce(0, { $0 + $1.length }) >= 2 else {
            throw DatasetError(.masking, "masking needs at least two tokens a sample: choose more modalities")
        }
        guard inputRange.lowerBound > 0, targetRange.lowerBound > 0 else {
            throw DatasetError(.masking, "input_tokens_range and target_tokens_range must begin at 1 or more")
        }
        self.modalities = modalities
        self.inputRange = inputRange
        self.targetRange = targetRange
        self.seed = seed
        rule = try Masker.rule(strategy.rule, modalities, label: strategy.label)
        var spanned: Set<String> = []
        if case .span(let names, _) = strategy.rule { spanned = Set(names) }
        spans = modalities.map { modality in
            guard spanned.contains(modality.name) else { return nil }
            return SpanMasking(frames: frames[modality.name] ?? (0..<modality.length).map { [$0] })
        }
    }

    private static func rule(
        _ rule: MaskingStrategy.Rule, _ modalities: [ModalityInfo], label: String
    ) throws(DatasetError) -> any MaskingRule {
        switch rule {
        case .uniform: return UniformMasking()
        case .balanced: return DirichletMasking.balanced(modalities.count)
        case .dirichlet(let alphas): return try dirichlet(alphas, modalities, label: label)
        case .mixture(let components):
            var parts: [(weight: Double, masking: DirichletMasking)] = []
            for component in components {
                parts.append((component.weight, try dirichlet(component.alphas, modalities, label: label)))
            }
            return MixtureMasking(parts: parts)
        case .proportional(let temperature):
            return ProportionalMasking(lengths: modalities.map(\.length), temperature: temperature)
        case .span(_, let base): return try Masker.rule(base, modalities, label: label)
        case .curriculum(let strength, let floor):
            return CurriculumMasking(modalities: modalities.count, strength: strength, floor: floor)
        }
    }

    private static func dirichlet(
        _ alphas: MaskingAlphas, _ modalities: [ModalityInfo], label: String
    ) throws(DatasetError) -> DirichletMasking {
        func chosen(_ alphas: [String: Double]) throws(DatasetError) -> [Double] {
            var chosen: [Double] = []
            for modality in modalities {
                guard let alpha = alphas[modality.name], alpha > 0, alpha.isFinite else {
                    throw DatasetError(
                        .masking, "masking '\(label)' has no alpha for \(modality.name): give one above 0")
                }
                chosen.append(alpha)
            }
            return chosen
        }
        return DirichletMasking(inputs: try chosen(alphas.inputs), targets: try chosen(alphas.targets))
    }

    /// Tokens of each modality to take as inputs and as targets.
    ///
    /// The reference can end with no target (or, with other rounding, no input), which makes NaN of a mean; here
    /// both have at least one: an empty side takes one token of the modality with most left, and inputs that
    /// took every token of the sample give one back.
    package func budgets(
        progress: MaskingProgress? = nil, using generator: inout some RandomNumberGenerator
    ) -> (inputs: [Int], targets: [Int]) {
        let lengths = modalities.map(\.length)
        let inputCount = Int.random(in: inputRange, using: &generator)
        let targetCount = Int.random(in: targetRange, using: &generator)
        let (inputBudget, targetBudget) = rule.choose(progress, using: &generator)
        var inputs = inputBudget.draw(inputCount, available: lengths, using: &generator)
        if inputs.allSatisfy({ $0 == 0 }) { Masker.addOne(to: &inputs, available: lengths) }
        if inputs == lengths, let longest = inputs.indices.max(by: { inputs[$0] < inputs[$1] }) {
            inputs[longest] -= 1
        }
        let free = zip(lengths, inputs).map { $0 - $1 }
        var targets = targetBudget.draw(targetCount, available: free, using: &generator)
        if targets.allSatisfy({ $0 == 0 }) { Masker.addOne(to: &targets, available: free) }
        return (inputs, targets)
    }

    private static func addOne(to budget: inout [Int], available: [Int]) {
        if let roomiest = available.indices.max(by: { available[$0] < available[$1] }) { budget[roomiest] += 1 }
    }

    /// Masks the clip with this id, whose `tokens` come in the order of ``modalities``. `epoch` is the number of the
    /// pass over the clips, or anything else that shall change the draw; `progress` is read by the curriculum alone.
    package func sample(
        _ tokens: [[Int32]], clip: String, epoch: Int, progress: MaskingProgress? = nil
    ) -> MaskedSample {
        var generator = Xoshiro256(text: "\(seed)/\(epoch)/\(clip)")
        let budget = budgets(progress: progress, using: &generator)
        var sample = MaskedSample()
        for (index, sequence) in tokens.enumerated() {
            let (inputs, targets) = (budget.inputs[index], budget.targets[index])
            let places = positions(index, inputs, targets, below: sequence.count, using: &generator)
            sample.inputs.append(places.inputs.sorted(), of: index, tokens: sequence)
            sample.targets.append(places.targets.sorted(), of: index, tokens: sequence)
        }
        return sample
    }

    private func positions(
        _ modality: Int, _ inputs: Int, _ targets: Int, below limit: Int,
        using generator: inout some RandomNumberGenerator
    ) -> (inputs: [Int], targets: [Int]) {
        if let span = spans[modality]?.choose(inputs: inputs, targets: targets, using: &generator) { return span }
        let chosen = Masker.distinctPositions(inputs + targets, below: limit, using: &generator)
        let cut = min(inputs, chosen.count)
        return (Array(chosen[..<cut]), Array(chosen[cut...]))
    }

    /// The first `count` entries of a random permutation of `0..<limit` (Fisher-Yates, kept sparse: budgets are
    /// small beside sequences).
    private static func distinctPositions(
        _ count: Int, below limit: Int, using generator: inout some RandomNumberGenerator
    ) -> [Int] {
        var moved: [Int: Int] = [:]
        return (0..<min(count, limit)).map { index in
            let other = Int.random(in: index..<limit, using: &generator)
            let value = moved[other] ?? other
            moved[other] = moved[index] ?? index
            return value
        }
    }
}

extension TokenSlots {
    fileprivate mutating func append(_ positions: [Int], of modality: Int, tokens: [Int32]) {
        for place in positions {
            self.modality.append(Int32(modality))
            position.append(Int32(place))
            token.append(tokens[place])
        }
    }
}
