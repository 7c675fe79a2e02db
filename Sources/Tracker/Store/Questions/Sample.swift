/// Mean and spread of some values; here and not in SQL, where the squares of large values are an error.
struct Sample {
    let count: Int
    let mean: Double
    /// With n - 1; nil below two values.
    let standardDeviation: Double?

    init(_ values: [Double]) {
        count = values.count
        let mean = values.reduce(0, +) / Double(values.count)
        self.mean = mean
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        standardDeviation = values.count < 2 ? nil : (squares / Double(values.count - 1)).squareRoot()
    }
}
