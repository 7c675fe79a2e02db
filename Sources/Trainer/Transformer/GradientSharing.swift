import Tensor

/// Adds up one batch's gradients over all ranks: ranges that are ready, neighbours together, and the rest at the end.
final class GradientSharing {
    private let parameters: ParameterArena
    private let backend: any Backend
    private let communicator: any Communicator
    /// Ready and not begun.
    private var pending: Range<Int>?
    private var begun: [Range<Int>] = []

    /// Floats from which a sum is worth its messages.
    private static let bucket = 1 << 20

    init(_ parameters: ParameterArena, _ backend: any Backend, _ communicator: any Communicator) {
        self.parameters = parameters
        self.backend = backend
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

    /// Shares what is left. The sums are what the backend's next work will find.
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
        guard let table = parameters.tokenTable, let touched = parameters.touchedRows, !touched.isEmpty else { return }
        let rows = backend.isAsynchronous ? GradientSharing.filled(touched, of: table.shape[0]) : touched
        let dim = table.shape[1]
        let gradients = parameters.gradients.pointer + table.offset
        let packed = workspace.allocate(rows.count * dim)
        backend.gather(out: packed, table: gradients, indices: rows, dim: dim, accumulate: false)
        sum(packed, count: rows.count * dim)
        try communicator.finishSums()
        if !parameters.gradients.discard(table.range) { backend.fill(gradients, with: 0, count: table.count) }
        backend.scatterAdd(table: gradients, input: packed, indices: rows, dim: dim)
    }

    /// Ascending rows and some of the others, whose gradients are 0, so that as many come again: graphs depend on it.
    static func filled(_ rows: [Int32], of count: Int) -> [Int32] {
        let wanted = min(RowBuckets.filled(rows.count), count)
        var (filled, next, row) = (rows, 0, Int32(0))
        while filled.count < wanted {
            if next < rows.count, rows[next] == row { next += 1 } else { filled.append(row) }
            row += 1
        }
        return filled
    }

    private func flush() {
        if let pending { begin(pending) }
        pending = nil
    }

    private func begin(_ range: Range<Int>) {
        begun.append(range)
        sum(parameters.gradients.pointer + range.lowerBound, count: range.count)
    }

    private func sum(_ values: Workspace.Buffer, count: Int) {
        if let place = backend.place(of: values) { communicator.beginSum(place, count: count) }
    }
}
