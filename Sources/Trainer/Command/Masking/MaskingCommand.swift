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
