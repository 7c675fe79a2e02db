package import Experiment
import Tensor

/// What a masking strategy gives each modality, over many draws.
package struct BudgetStatistics: Sendable, Hashable {
    package struct Side: Sendable, Hashable {
        package let mean: Double
        /// Standard deviation of single draws.
        package let deviation: Double
        /// Share of the draws with no token of the modality.
        package let zeroShare: Double
    }

    package let strategy: String
    package let modalities: [String]
    /// By modality, in their order.
    package let inputs: [Side]
    package let targets: [Side]

    package init(_ masker: Masker, strategy: String, draws: Int, seed: UInt64, progress: MaskingProgress? = nil) {
        var generator = Xoshiro256(seed: seed)
        var inputs: [[Int]] = []
        var targets: [[Int]] = []
        for _ in 0..<draws {
            let budget = masker.budgets(progress: progress, using: &generator)
            inputs.append(budget.inputs)
            targets.append(budget.targets)
        }
        self.strategy = strategy
        modalities = masker.modalities.map(\.name)
        self.inputs = modalities.indices.map { index in Side(inputs.map { $0[index] }) }
        self.targets = modalities.indices.map { index in Side(targets.map { $0[index] }) }
    }

    /// Alphas of the report's joint runs, which starve its short streams.
    package static let reportAlphas: [String: Double] = ["image": 1, "depth": 1, "audio": 8, "video": 8]

    /// The report's four streams.
    package static let reportModalities = [
        ModalityInfo(name: "image", length: 256, vocabularySize: 64000),
        ModalityInfo(name: "depth", length: 256, vocabularySize: 64000),
        ModalityInfo(name: "audio", length: 2016, vocabularySize: 2048),
        ModalityInfo(name: "video", length: 2048, vocabularySize: 64000),
    ]

    /// Every strategy as it is compared in docs/masking.md.
    package static let compared: [MaskingStrategy] = {
        let report = MaskingAlphas(inputs: reportAlphas, targets: reportAlphas)
        let equal = reportAlphas.mapValues { _ in 1.0 }
        let short = reportAlphas.mapValues { $0 == 1 ? 8.0 : 1.0 }
        return [
            .uniform, MaskingStrategy(.dirichlet(report), name: "report"), .balanced,
            MaskingStrategy(
                .mixture(
                    [equal, short, reportAlphas].map {
                        MaskingComponent(weight: 1, alphas: MaskingAlphas(inputs: $0, targets: $0))
                    })),
            MaskingStrategy(.proportional(temperature: 2)),
            MaskingStrategy(.span(modalities: ["audio"], base: .balanced)),
            MaskingStrategy(.curriculum(strength: 4, floor: 0.05)),
        ]
    }()
}

extension BudgetStatistics.Side {
    fileprivate init(_ values: [Int]) {
        let count = Double(max(1, values.count))
        let mean = Double(values.reduce(0, +)) / count
        let squares = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
        self.init(
            mean: mean, deviation: (squares / count).squareRoot(),
            zeroShare: Double(values.count { $0 == 0 }) / count)
    }
}
