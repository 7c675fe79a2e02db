/// Rows sorted by where they are added to, each group in the rows' order: sums come out the same each time.
struct RowGroups: Equatable {
    /// Each place that some row goes to, rising.
    private(set) var targets: [Int32] = []
    /// Where each group begins in ``order``, and the end.
    private(set) var starts: [Int32] = []
    private(set) var order: [Int32]

    /// `filledUp` to a power of 2 by groups without rows.
    init(_ indices: [Int32], filledUp: Bool = false) {
        var next = [Int32](repeating: 0, count: Int(indices.max() ?? -1) + 1)
        for index in indices { next[Int(index)] += 1 }
        var start: Int32 = 0
        for index in next.indices {
            let count = next[index]
            if count > 0 {
                targets.append(Int32(index))
                starts.append(start)
            }
            next[index] = start
            start += count
        }
        starts.append(start)
        order = [Int32](repeating: 0, count: indices.count)
        for (row, index) in indices.enumerated() {
            order[Int(next[Int(index)])] = Int32(row)
            next[Int(index)] += 1
        }
        guard filledUp else { return }
        var count = 16
        while count < targets.count { count *= 2 }
        starts += [Int32](repeating: start, count: count - targets.count)
        targets += [Int32](repeating: 0, count: count - targets.count)
    }
}
