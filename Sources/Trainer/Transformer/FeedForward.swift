import Tensor

/// Two linear layers with an exact (erf) GELU between, or a gate (SwiGLU).
///
/// With a gate the first layer gives the gates of all hidden units and then their values.
struct FeedForward {
    let expand: Linear
    let contract: Linear
    let kind: FeedForwardKind

    init(expand: Linear, contract: Linear, kind: FeedForwardKind = .gelu) {
        self.expand = expand
        self.contract = contract
        self.kind = kind
    }

    struct Saved {
        let input: Workspace.Buffer
        let hidden: Workspace.Buffer
        let activated: Workspace.Buffer
        let out: Workspace.Buffer
        let rows: Int
    }

    private var units: Int { contract.inputs }

    func forward(_ input: Workspace.Buffer, rows: Int, _ workspace: Workspace) -> Saved {
        let hidden = expand.forward(input, rows: rows, workspace)
        let activated = workspace.allocate(rows * units)
        switch kind {
        case .gelu: workspace.backend.geluForward(out: activated, input: hidden, count: rows * units)
        case .swiglu: workspace.backend.gatedSiLUForward(out: activated, input: hidden, rows: rows, half: units)
        }
        let out = contract.forward(activated, rows: rows, workspace)
        return Saved(input: input, hidden: hidden, activated: activated, out: out, rows: rows)
    }

    /// Returns the input's gradient.
    func backward(_ outGradient: Workspace.Buffer, _ saved: Saved, _ workspace: Workspace) -> Workspace.Buffer {
        var gradient = contract.backward(outGradient, input: saved.activated, rows: saved.rows, workspace)
        switch kind {
        case .gelu:
            workspace.backend.geluBackward(gradient: gradient, input: saved.hidden, count: saved.rows * units)
        case .swiglu:
            let hidden = workspace.allocate(saved.rows * expand.outputs)
            workspace.backend.gatedSiLUBackward(
                inputGradient: hidden, outGradient: gradient, input: saved.hidden, rows: saved.rows, half: units)
            gradient = hidden
        }
        return expand.backward(gradient, input: saved.input, rows: saved.rows, workspace)
    }
}
