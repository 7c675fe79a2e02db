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
        /// The backward pass of GELU overwrites it with `activated`, which therefore is not kept.
        let hidden: Workspace.Buffer
        let activated: Workspace.Buffer?
        let out: Workspace.Buffer
        let rows: Int
    }

    private var units: Int { contract.inputs }

    /// Its output is added to `residual`, if there is one.
    func forward(
        _ input: Workspace.Buffer, adding residual: Workspace.Buffer? = nil, rows: Int, _ workspace: Workspace
    ) -> Saved {
        let out = workspace.allocate(rows * contract.outputs)
        let hidden: Workspace.Buffer
        var kept: Workspace.Buffer?
        switch kind {
        case .gelu:
            hidden = workspace.activation(rows * expand.outputs)
            workspace.scratch {
                let activated = workspace.activation(rows * units)
                expand.forwardGELU(input, rows: rows, hidden: hidden, activated: activated, workspace)
                contract.forward(activated, rows: rows, adding: residual, into: out, workspace)
            }
        case .swiglu:
            hidden = expand.forward(input, rows: rows, workspace)
            let activated = workspace.activation(rows * units)
            workspace.backend.gatedSiLUForward(out: activated, input: hidden, rows: rows, half: units)
            contract.forward(activated, rows: rows, adding: residual, into: out, workspace)
            kept = activated
        }
        return Saved(input: input, hidden: hidden, activated: kept, out: out, rows: rows)
    }

    /// Returns the input's gradient. What was saved can be used once.
    func backward(_ outGradient: Workspace.Buffer, _ saved: Saved, _ workspace: Workspace) -> Workspace.Buffer {
        var gradient = contract.inputGradient(outGradient, rows: saved.rows, workspace)
        switch kind {
        case .gelu:
            workspace.backend.geluBackward(gradient: gradient, input: saved.hidden, count: saved.rows * units)
        case .swiglu:
            let hidden = workspace.activation(saved.rows * expand.outputs)
            workspace.backend.gatedSiLUBackward(
                inputGradient: hidden, outGradient: gradient, input: saved.hidden, rows: saved.rows, half: units)
            gradient = hidden
        }
        contract.addWeightGradients(
            outGradient, input: saved.activated ?? saved.hidden, rows: saved.rows, workspace)
        return expand.backward(gradient, input: saved.input, rows: saved.rows, workspace)
    }
}
