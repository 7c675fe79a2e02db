/// One run's metric against an x; pure.
struct RunCurve {
    private(set) var points: [(x: Double, y: Double)]

    /// `x` gives a point's place on the axis, or nil where it has none. Of several points at an x the one logged last
    /// counts.
    init(_ series: MetricSeries, smoothing: Double, x: (_ index: Int) -> Double?) {
        var places: [Double: Int] = [:]
        // Later values win: the curve is by step, the order of logging by attempt and sequence.
        for index in series.values.indices {
            guard let x = x(index) else { continue }
            if let other = places[x],
                (series.attempts[other], series.sequences[other]) > (series.attempts[index], series.sequences[index])
            {
                continue
            }
            places[x] = index
        }
        let sorted = places.sorted { $0.key < $1.key }
        let values = smoothed(sorted.map { series.values[$0.value] }, weight: smoothing)
        points = zip(sorted, values).map { ($0.key, $1) }
    }
}
