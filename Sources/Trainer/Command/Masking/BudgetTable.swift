import Dataset

/// Budgets as text.
enum BudgetTable {
    static func markdown(_ statistics: [BudgetStatistics]) -> String {
        let names = statistics.first?.modalities ?? []
        var lines = ["| strategy | side | \(names.joined(separator: " | ")) |"]
        lines.append("|---|---|" + names.map { _ in "---:|" }.joined())
        for strategy in statistics {
            for (side, values) in [("inputs", strategy.inputs), ("targets", strategy.targets)] {
                let cells = values.map {
                    "\($0.mean.fixed(1)) ± \($0.deviation.fixed(1)), \(percent($0.zeroShare)) none"
                }
                lines.append("| \(strategy.strategy) | \(side) | \(cells.joined(separator: " | ")) |")
            }
        }
        return lines.joined(separator: "\n")
    }

    static func csv(_ statistics: [BudgetStatistics]) -> String {
        var lines = ["strategy,side,modality,mean,deviation,zero_share"]
        for strategy in statistics {
            for (side, values) in [("inputs", strategy.inputs), ("targets", strategy.targets)] {
                for (modality, value) in zip(strategy.modalities, values) {
                    let numbers = "\(value.mean),\(value.deviation),\(value.zeroShare)"
                    lines.append("\(strategy.strategy),\(side),\(modality),\(numbers)")
                }
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func percent(_ share: Double) -> String { "\((100 * share).fixed(1)) %" }
}
