import Tensor

/// Adds up one batch's gradients over all ranks: ranges that are ready, neighbours together, and the rest at the end.
final class GradientSharing {
    private let parameters: ParameterArena
    private let communicator: any Communicator
    /// Ready and not begun.
    private var pending: Range<Int>?
    private var begun: [Range<Int>] = []

    /// Floats from which a sum is worth its messages.
    private static let bucket = 1 << 20

    init(_ parameters: ParameterArena, _ communicator: any Communicator) {
        self.parameters = parameters
        self.communicator = communicator
    }

    /// Takes note that nothing will change these any more.
    func ready(_ range: Range<Int>) {
        if let before = pending, before.lowerBound == range.upperBound {
            pending = range.lowerBound..<before.upperBound
        } else {
            flush()
            pending = range
        }
        if let pending, pending.count >= GradientSharing.bucket { flush() }
    }

    /// Shares what is left and waits until all is there.
    func finish(_ workspace: Workspace) throws(RankError) {
        flush()
        let table = parameters.tokenTable?.range ?? 0..<0
        for rest in gaps(besides: table) { begin(rest) }
        begun = []
        try shareTable(workspace)
        try communicator.finishSums()
    }

    /// What of all parameters is neither begun nor in `table`.
    private func gaps(besides table: Range<Int>) -> [Range<Int>] {
        var gaps: [Range<Int>] = []
        var start = 0
        for range in (begun + [table]).sorted(by: { $0.lowerBound < $1.lowerBound }) where !range.isEmpty {
            if start < range.lowerBound { gaps.append(start..<range.lowerBound) }
            start = max(start, range.upperBound)
        }
        if start < parameters.count { gaps.append(start..<parameters.count) }
        return gaps
    }

    /// Of the token table only the rows that the batch reads anywhere, which are the same in all ranks.
    private func shareTable(_ workspace: Workspace) throws(RankError) {
        guard let table = parameters.tokenTable, let rows = parameters.touchedRows, !rows.isEmpty else { return }
        let (dim, backend) = (table.shape[1], workspace.backend)
        let gradients = parameters.gradients.pointer + table.offset
        let packed = workspace.allocate(rows.count * dim)
        backend.gather(out: packed, table: gradients, indices: rows, dim: dim, accumulate: false)
        communicator.beginSum(packed, count: rows.count * dim)
        try communicator.finishSums()
        if !parameters.gradients.discard(table.range) { backend.fill(gradients, with: 0, count: table.count) }
        backend.scatterAdd(table: gradients, input: packed, indices: rows, dim: dim)
        backend.finish()
    }

    private func flush() {
        if let pending { begin(pending) }
        pending = nil
    }

    private func begin(_ range: Range<Int>) {
        begun.append(range)
        communicator.beginSum(parameters.gradients.pointer + range.lowerBound, count: range.count)
    }
}
