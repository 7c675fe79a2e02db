import Experiment

/// The curves that others are compared with; pure.
struct Baseline {
    private struct Place: Hashable {
        let metric: String
        let keys: [String]
        let x: Double
    }

    /// Positions in `CurvePoint.keys` and the label that the baseline has there.
    private let labels: [(position: Int, label: String)]
    private let means: [Place: Double]

    init(_ query: CompareQuery, _ points: [CurvePoint]) throws(StoreError) {
        var labels: [(position: Int, label: String)] = []
        for (key, label) in query.baseline.sorted(by: { $0.key < $1.key }) {
            guard let position = query.by.firstIndex(of: key) else {
                throw StoreError(
                    .unknownKey,
                    "the baseline's key '\(key)' is not among those compared by\(didYouMean(key, among: query.by)); "
                        + "add it to them")
            }
            let known = Set(points.map { $0.keys[position] })
            guard known.contains(label) else {
                throw StoreError(
                    .invalidQuery,
                    "no curve has \(key)=\(label)\(didYouMean(label, among: known)); there are "
                        + known.sorted().joined(separator: ", "))
            }
            labels.append((position, label))
        }
        self.labels = labels
        means = Dictionary(points.map { (Place(metric: $0.metric, keys: $0.keys, x: $0.x), $0.mean) }) { first, _ in
            first
        }
    }

    /// The points with their baseline's value and the difference from it, where the baseline has their x.
    func compare(_ points: [CurvePoint]) -> [CurvePoint] {
        points.map { point in
            var keys = point.keys
            for (position, label) in labels { keys[position] = label }
            var point = point
            point.baseline = means[Place(metric: point.metric, keys: keys, x: point.x)]
            point.difference = point.baseline.map { point.mean - $0 }
            return point
        }
    }
}
