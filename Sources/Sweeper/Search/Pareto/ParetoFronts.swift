/// Orders points of several objectives, all to be made small.
enum ParetoFronts {
    /// Indices of the best `count` points: front after front (non-dominated sorting), and within the last one those in
    /// the emptiest surroundings first (crowding distance), as NSGA-II does (Deb et al., 2002). Ties keep the order
    /// of the points.
    static func best(_ count: Int, of points: [[Double]]) -> [Int] {
        // Nobody after a point in this order can dominate it.
        var left = points.indices.sorted { lexicographicallyPrecedes(points[$0], points[$1], $0, $1) }
        var chosen: [Int] = []
        while chosen.count < count, !left.isEmpty {
            var front: [Int] = []
            left.removeAll { index in
                guard !front.contains(where: { dominates(points[$0], points[index]) }) else { return false }
                front.append(index)
                return true
            }
            if chosen.count + front.count > count {
                let distances = crowding(front, points)
                front = front.indices.sorted {
                    distances[$0] != distances[$1] ? distances[$0] > distances[$1] : front[$0] < front[$1]
                }.map { front[$0] }
            }
            chosen += front
        }
        return Array(chosen.prefix(count))
    }

    /// Nowhere worse and somewhere better. What is not a number is worse than every number.
    static func dominates(_ left: [Double], _ right: [Double]) -> Bool {
        var isBetter = false
        for (l, r) in zip(left, right) {
            if isLess(r, l) { return false }
            if isLess(l, r) { isBetter = true }
        }
        return isBetter
    }

    private static func isLess(_ left: Double, _ right: Double) -> Bool {
        right.isNaN ? !left.isNaN : left < right
    }

    private static func lexicographicallyPrecedes(
        _ left: [Double], _ right: [Double], _ leftIndex: Int, _ rightIndex: Int
    ) -> Bool {
        for (l, r) in zip(left, right) {
            if isLess(l, r) { return true }
            if isLess(r, l) { return false }
        }
        return leftIndex < rightIndex
    }

    /// For each member of the front: the extent of the box that its neighbours leave it, infinite at the ends.
    private static func crowding(_ front: [Int], _ points: [[Double]]) -> [Double] {
        var distances = [Double](repeating: 0, count: front.count)
        for objective in points[front[0]].indices {
            let order = front.indices.sorted { isLess(points[front[$0]][objective], points[front[$1]][objective]) }
            func value(_ place: Int) -> Double { points[front[order[place]]][objective] }
            let range = value(order.count - 1) - value(0)
            distances[order[0]] = .infinity
            distances[order[order.count - 1]] = .infinity
            guard range > 0, range.isFinite, order.count > 2 else { continue }
            for place in 1..<order.count - 1 {
                distances[order[place]] += (value(place + 1) - value(place - 1)) / range
            }
        }
        return distances
    }
}
