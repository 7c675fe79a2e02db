import Tensor

/// What operators work with: a backend, and memory that lives until the next step.
struct Workspace {
    typealias Buffer = UnsafeMutablePointer<Float>

    let backend: any Backend
    let arena: Arena
    /// Whether gradients of matrices are added to what is there. If not they need not be zeroed before, nor read.
    var accumulates = true

    init(backend: any Backend, borrowing loan: UnsafeMutableBufferPointer<Float>? = nil) {
        self.backend = backend
        arena = Arena(memory: backend.memory, borrowing: loan)
    }

    func allocate(_ count: Int) -> Buffer { arena.allocate(count) }

    func zeros(_ count: Int) -> Buffer {
        let buffer = arena.allocate(count)
        backend.fill(buffer, with: 0, count: count)
        return buffer
    }
}
