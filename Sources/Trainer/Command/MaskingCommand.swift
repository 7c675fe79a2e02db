import ArgumentParser
import Experiment
import Dataset
import FoundationEssentials

struct MaskingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "masking",
        abstract: "Tabulates or plots what each masking strategy gives the report's four streams.",
        discussion: """
            A curriculum is drawn as it begins: balanced.

            Examples:
              trainer masking
              trainer masking --format csv > budgets.csv
              trainer masking --format svg > docs/images/masking-budgets.svg
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table
        case csv
        case svg
    }

    @Option(help: "Samples to draw.")
    var draws = 20_000
    @Option(help: "Seed of the draws.")
    var seed: UInt64 = 0
    @Option(help: "table (Markdown), csv or svg.")
    var format = Format.table

    func validate() throws {
        guard draws > 0 else { throw ValidationError("--draws must be at least 1, not \(draws)") }
    }

    func run() throws {
        let modalities = BudgetStatistics.reportModalities
        let statistics = try BudgetStatistics.compared.map { strategy in
            let masker = try Masker(
                strategy: strategy, modalities: modalities, inputRange: 1...128, targetRange: 1...128, seed: 0)
            return BudgetStatistics(masker, strategy: strategy.label, draws: draws, seed: seed)
        }
        switch format {
        case .table: print(BudgetTable.markdown(statistics))
        case .csv: print(BudgetTable.csv(statistics))
        case .svg: print(BudgetPlot.svg(statistics, draws: draws))
        }
    }
}

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

/// Mean budgets as bars, inputs and targets side by side, one panel a strategy.
enum BudgetPlot {
    private static let colours = ["#4477aa", "#66ccee", "#ee6677", "#ccbb44"]
    private static let (panel, bar, left) = (52, 9, 100)

    static func svg(_ statistics: [BudgetStatistics], draws: Int) -> String {
        let names = statistics.first?.modalities ?? []
        let most = statistics.flatMap { $0.inputs + $0.targets }.map(\.mean).max() ?? 1
        let height = 60 + statistics.count * panel
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 720 \(height)\" font-family=\"sans-serif\">",
            "<rect width=\"720\" height=\"\(height)\" fill=\"#ffffff\"/>",
            text(left, 14, "mean tokens a sample over \(draws) draws (in brackets: share of samples with none)"),
            text(left, 32, "inputs"), text(left + 310, 32, "targets"),
        ]
        for (row, strategy) in statistics.enumerated() {
            let top = 40 + row * panel
            lines.append(text(6, top + 22, strategy.strategy))
            for (side, values) in [strategy.inputs, strategy.targets].enumerated() {
                for (index, value) in values.enumerated() {
                    let (x, y) = (left + side * 310, top + index * (bar + 1))
                    let width = max(1, Int(190 * value.mean / most))
                    let colour = colours[index % colours.count]
                    let place = "x=\"\(x)\" y=\"\(y)\" width=\"\(width)\" height=\"\(bar)\""
                    lines.append("<rect \(place) fill=\"\(colour)\"/>")
                    let label = "\(names[index]) \(value.mean.fixed(1)) (\((100 * value.zeroShare).fixed(0)) %)"
                    lines.append(text(x + width + 4, y + bar - 1, label, size: 9))
                }
            }
        }
        return (lines + ["</svg>"]).joined(separator: "\n")
    }

    private static func text(_ x: Int, _ y: Int, _ words: String, size: Int = 11) -> String {
        "<text x=\"\(x)\" y=\"\(y)\" font-size=\"\(size)\">\(words)</text>"
    }
}

extension Double {
    /// With so many digits after the point.
    fileprivate func fixed(_ digits: Int) -> String {
        let scale = digits == 0 ? 1 : (0..<digits).reduce(1) { scale, _ in scale * 10 }
        let whole = Int((self * Double(scale)).rounded())
        guard digits > 0 else { return "\(whole)" }
        let fraction = String(whole % scale)
        return "\(whole / scale)." + String(repeating: "0", count: digits - fraction.count) + fraction
    }
}
