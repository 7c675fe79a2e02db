import Tensor

/// y = x Wᵀ, with W [outputs, inputs] and no bias.
struct Linear {
    let weight: Weight

    var outputs: Int { weight.shape[0] }
    var inputs: Int { weight.shape[1] }

    func forward(_ input: Workspace.Buffer, rows: Int, _ workspace: Workspace) -> Workspace.Buffer {
        let out = workspace.allocate(rows * outputs)
        workspace.backend.multiply(
            .linear(input, weight: weight.value, rows: rows, inputs: inputs, outputs: outputs, into: out))
        return out
    }

    /// Adds to the weight's gradient and returns the input's.
    func backward(
        _ outGradient: Workspace.Buffer, input: Workspace.Buffer, rows: Int, _ workspace: Workspace
    ) -> Workspace.Buffer {
        workspace.backend.multiply(
            .linearWeightGradient(
                outGradient, input: input, rows: rows, inputs: inputs, outputs: outputs, into: weight.gradient))
        let inputGradient = workspace.allocate(rows * inputs)
        workspace.backend.multiply(
            .linearInputGradient(
                outGradient, weight: weight.value, rows: rows, inputs: inputs, outputs: outputs, into: inputGradient))
        return inputGradient
    }
}
