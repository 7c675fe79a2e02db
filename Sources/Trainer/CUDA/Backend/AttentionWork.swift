import Tensor

/// The part of a sample's attention that one block computes; the kernels' `Work`.
struct AttentionWork: Equatable {
    let first: Int32
    let count: Int32
    let otherFirst: Int32
    let otherCount: Int32

    /// Cuts each sample's rows in tiles; every tile works with all of the sample's rows of the other side. `filledUp` to
    /// what any samples of so many rows need, by tiles without rows.
    static func tiles(of lengths: [Int], others: [Int], rows: Int, filledUp: Bool = false) -> [AttentionWork] {
        var works: [AttentionWork] = []
        var (first, otherFirst) = (0, 0)
        for (length, other) in zip(lengths, others) {
            for start in stride(from: 0, to: length, by: rows) {
                works.append(
                    AttentionWork(
                        first: Int32(first + start), count: Int32(min(rows, length - start)),
                        otherFirst: Int32(otherFirst), otherCount: Int32(other)))
            }
            first += length
            otherFirst += other
        }
        if filledUp, !works.isEmpty {
            let none = AttentionWork(first: 0, count: 0, otherFirst: 0, otherCount: 0)
            works += [AttentionWork](repeating: none, count: first / rows + lengths.count - works.count)
        }
        return works
    }
}
