/// Memory for a step's activations: handed out in order, taken back all at once, kept from step to step.
///
/// A step that needs more than any before gets further blocks; the next ``reset()`` makes one block of them all, so
/// that after a few steps nothing is allocated any more. Memory is not zeroed between uses.
package final class Arena {
    private var blocks: [FloatStorage] = []
    private var block = 0
    private var used = 0
    private let memory: (any FloatMemory)?

    package init(memory: (any FloatMemory)? = nil) { self.memory = memory }

    /// Addresses of what is handed out are multiples of 64 bytes.
    package func allocate(_ count: Int) -> UnsafeMutablePointer<Float> {
        let size = (max(1, count) + 15) & ~15
        while block < blocks.count, used + size > blocks[block].count {
            block += 1
            used = 0
        }
        if block == blocks.count { blocks.append(FloatStorage(count: max(size, 1 << 16), memory: memory)) }
        defer { used += size }
        return blocks[block].pointer + used
    }

    /// Takes everything back.
    package func reset() {
        if blocks.count > 1 {
            let total = blocks.reduce(0) { $0 + $1.count }
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
    package var inUse: Int { blocks[..<block].reduce(used) { $0 + $1.count } }

    /// Floats held, in use or not.
    package var capacity: Int { blocks.reduce(0) { $0 + $1.count } }
}
