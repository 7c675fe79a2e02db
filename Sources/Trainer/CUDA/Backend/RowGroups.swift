/// Rows sorted by where they are added to, each group in the rows' order: sums come out the same each time.
struct RowGroups: Equatable {
    /// Each place that some row goes to, rising.
    private(set) var targets: [Int32] = []
    /// Where each group begins in ``order``, and the end.
    private(set) var starts: [Int32] = []
    private(set) var order: [Int32]

    init(_ indices: [Int32]) {
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
    }
}
