import Tensor

/// Two linear layers with an exact (erf) GELU between.
struct FeedForward {
    let expand: Linear
    let contract: Linear

    struct Saved {
        let input: Workspace.Buffer
        let hidden: Workspace.Buffer
        let activated: Workspace.Buffer
        let out: Workspace.Buffer
        let rows: Int
    }

    func forward(_ input: Workspace.Buffer, rows: Int, _ workspace: Workspace) -> Saved {
        let hidden = expand.forward(input, rows: rows, workspace)
        let activated = workspace.allocate(rows * expand.outputs)
        workspace.backend.geluForward(out: activated, input: hidden, count: rows * expand.outputs)
        let out = contract.forward(activated, rows: rows, workspace)
        return Saved(input: input, hidden: hidden, activated: activated, out: out, rows: rows)
    }

    /// Returns the input's gradient.
    func backward(_ outGradient: Workspace.Buffer, _ saved: Saved, _ workspace: Workspace) -> Workspace.Buffer {
        let gradient = contract.backward(outGradient, input: saved.activated, rows: saved.rows, workspace)
        workspace.backend.geluBackward(gradient: gradient, input: saved.hidden, count: saved.rows * expand.outputs)
        return expand.backward(gradient, input: saved.input, rows: saved.rows, workspace)
    }
}
