/// Places of the points that draw the same line on `columns` columns of pixels as all points do: of each column the
/// first, the last, the least and the greatest (M4: Jugel et al., VLDB 2014).
///
/// `x` must not fall. NaN is neither least nor greatest; the answer rises.
package func m4(x: [Double], y: [Double], columns: Int) -> [Int] {
    guard columns > 0, let first = x.first, let last = x.last, x.count > 4 * columns else { return Array(x.indices) }
    var places: [Int] = []
    places.reserveCapacity(4 * columns)
    // Where the span overflows, half of it does not.
    let part = (last - first).isFinite ? 1.0 : 0.5
    let span = last * part - first * part
    let scale = span > 0 ? Double(columns) / span : 0
    func column(_ index: Int) -> Int { min(columns - 1, Int((x[index] * part - first * part) * scale)) }
    var start = 0
    while start < x.count {
        let current = column(start)
        var (end, least, greatest) = (start + 1, start, start)
        while end < x.count, column(end) == current {
            if y[end] < y[least] || y[least].isNaN { least = end }
            if y[end] > y[greatest] || y[greatest].isNaN { greatest = end }
            end += 1
        }
        for place in [start, min(least, greatest), max(least, greatest), end - 1] where places.last != place {
            places.append(place)
        }
        start = end
    }
    return places
}

extension MetricSeries {
    /// At most four points a column of pixels, by step; see ``m4(x:y:columns:)``.
    package func reduced(columns: Int) -> MetricSeries {
        let curve = latest
        return curve[m4(x: curve.steps.map(Double.init), y: curve.values, columns: columns)]
    }
}
