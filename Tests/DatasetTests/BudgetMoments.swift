/// Sums of powers of token counts, from which follow their mean, their deviation and how sure that is.
struct BudgetMoments {
    private var count = 0.0
    private var zeros = 0.0
    /// Of the first to the fourth power.
    private var sums = [0.0, 0, 0, 0]

    mutating func add(_ value: Int) {
        count += 1
        zeros += value == 0 ? 1 : 0
        var power = 1.0
        for index in 0..<4 {
            power *= Double(value)
            sums[index] += power
        }
    }

    private func moment(_ power: Int) -> Double { sums[power - 1] / count }

    var mean: Double { moment(1) }
    var zeroShare: Double { zeros / count }
    var deviation: Double { (moment(2) - mean * mean).squareRoot() }

    /// Standard error of the deviation of one draw: of n draws it is this over the root of n.
    var deviationError: Double {
        let m = mean
        let fourth = moment(4) - 4 * m * moment(3) + 6 * m * m * moment(2) - 3 * m * m * m * m
        let variance = deviation * deviation
        return ((fourth - variance * variance) / (4 * variance)).squareRoot()
    }
}
