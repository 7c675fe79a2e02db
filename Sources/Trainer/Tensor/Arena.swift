/// Memory for a step's activations: handed out in order, taken back all at once, kept from step to step.
///
/// A step that needs more than any before gets further blocks; the next ``reset()`` makes one block of them all, so
/// that after a few steps nothing is allocated any more. Memory is not zeroed between uses.
package final class Arena {
    private var blocks: [FloatStorage] = []
    /// Comes before the blocks.
    private let loan: UnsafeMutableBufferPointer<Float>
    /// Of the loan, which is the first, and the blocks.
    private var block = 0
    private var used = 0
    private let memory: (any FloatMemory)?

    /// With memory of another, which that does not need while this arena's is in use.
    package init(memory: (any FloatMemory)? = nil, borrowing loan: UnsafeMutableBufferPointer<Float>? = nil) {
        self.memory = memory
        let skipped = loan.map { (16 - Int(bitPattern: $0.baseAddress) / 4 % 16) % 16 } ?? 0
        self.loan = UnsafeMutableBufferPointer(rebasing: (loan ?? .init(start: nil, count: 0)).dropFirst(skipped))
    }

    private func size(_ block: Int) -> Int { block == 0 ? loan.count : blocks[block - 1].count }

    /// Addresses of what is handed out are multiples of 64 bytes.
    package func allocate(_ count: Int) -> UnsafeMutablePointer<Float> {
        let size = (max(1, count) + 15) & ~15
        while block <= blocks.count, used + size > self.size(block) {
            block += 1
            used = 0
        }
        if block > blocks.count { blocks.append(FloatStorage(count: max(size, 1 << 16), memory: memory)) }
        defer { used += size }
        if block == 0, let start = loan.baseAddress { return start + used }
        return blocks[block - 1].pointer + used
    }

    /// Takes everything back.
    package func reset() {
        if blocks.count > 1 {
            let total = capacity
            blocks = []
            blocks = [FloatStorage(count: total, memory: memory)]
        }
        (block, used) = (0, 0)
    }

    /// Runs `body` and takes back what it allocated: for scratch memory.
    package func scratch<Result>(_ body: () -> Result) -> Result {
        let mark = (block, used)
        defer { (block, used) = mark }
        return body()
    }

    /// Floats handed out, the gaps at the ends of blocks among them.
    package var inUse: Int { (0..<block).reduce(used) { $0 + size($1) } }

    /// Floats held beside the loan, in use or not.
    package var capacity: Int { blocks.reduce(0) { $0 + $1.count } }
}
