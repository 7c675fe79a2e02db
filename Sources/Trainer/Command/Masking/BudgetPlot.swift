import Dataset

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
