import Tensor

/// What operators work with: a backend, and memory that lives until the next step.
struct Workspace {
    typealias Buffer = UnsafeMutablePointer<Float>

    let backend: any Backend
    /// Of float32.
    private let arena: Arena
    /// The same one where activations are float32 too.
    private let activations: Arena
    /// Whether gradients of matrices are added to what is there. If not they need not be zeroed before, nor read.
    var accumulates = true

    init(backend: any Backend, borrowing loan: UnsafeMutableBufferPointer<Float>? = nil) {
        self.backend = backend
        arena = Arena(memory: backend.stepMemory, borrowing: loan)
        activations =
            backend.activationMemory === backend.stepMemory ? arena : Arena(memory: backend.activationMemory)
    }

    func allocate(_ count: Int) -> Buffer { arena.allocate(count) }

    /// For what products, attention, activations and norms give: perhaps in fewer bits.
    func activation(_ count: Int) -> Buffer { activations.allocate(count) }

    /// A gradient of the residual stream as products read it.
    func asActivation(_ buffer: Buffer, _ count: Int) -> Buffer {
        guard backend.activationMemory !== backend.stepMemory else { return buffer }
        let out = activation(count)
        backend.copy(out, from: buffer, count: count)
        return out
    }

    func reset() {
        arena.reset()
        activations.reset()
    }

    /// Elements handed out.
    var inUse: Int { arena.inUse + (activations === arena ? 0 : activations.inUse) }

    /// Runs `body` and takes back what it allocated.
    func scratch<Result>(_ body: () -> Result) -> Result {
        arena.scratch { activations === arena ? body() : activations.scratch(body) }
    }

    func zeros(_ count: Int) -> Buffer {
        let buffer = arena.allocate(count)
        backend.fill(buffer, with: 0, count: count)
        return buffer
    }
}
