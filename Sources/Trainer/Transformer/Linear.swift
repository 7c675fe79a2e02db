import Tensor

/// y = x Wᵀ + b, with W [outputs, inputs]; most models have no biases.
struct Linear {
    let weight: Weight
    let bias: Weight?

    init(weight: Weight, bias: Weight? = nil) {
        self.weight = weight
        self.bias = bias
    }

    var outputs: Int { weight.shape[0] }
    var inputs: Int { weight.shape[1] }

    func forward(_ input: Workspace.Buffer, rows: Int, _ workspace: Workspace) -> Workspace.Buffer {
        let out = workspace.activation(rows * outputs)
        forward(input, rows: rows, into: out, workspace)
        return out
    }

    /// Plus `residual`, if given.
    func forward(
        _ input: Workspace.Buffer, rows: Int, adding residual: Workspace.Buffer? = nil, into out: Workspace.Buffer,
        _ workspace: Workspace
    ) {
        workspace.backend.multiply(product(input, rows: rows, into: out), bias: bias?.value, adding: residual)
    }

    /// Also gives GELU of the output.
    func forwardGELU(
        _ input: Workspace.Buffer, rows: Int, hidden: Workspace.Buffer, activated: Workspace.Buffer,
        _ workspace: Workspace
    ) {
        workspace.backend.multiplyGELU(
            product(input, rows: rows, into: hidden), bias: bias?.value, activated: activated)
    }

    /// Leaves the gradients of weight and bias and returns the input's.
    func backward(
        _ outGradient: Workspace.Buffer, input: Workspace.Buffer, rows: Int, _ workspace: Workspace
    ) -> Workspace.Buffer {
        addWeightGradients(outGradient, input: input, rows: rows, workspace)
        return inputGradient(outGradient, rows: rows, workspace)
    }

    /// Adds to the bias's gradient, and to the weight's if the workspace accumulates.
    func addWeightGradients(
        _ outGradient: Workspace.Buffer, input: Workspace.Buffer, rows: Int, _ workspace: Workspace
    ) {
        if let bias { workspace.backend.addColumnSums(bias.gradient, of: outGradient, rows: rows, dim: outputs) }
        workspace.backend.multiply(
            .linearWeightGradient(
                outGradient, input: input, rows: rows, inputs: inputs, outputs: outputs, into: weight.gradient,
                accumulates: workspace.accumulates))
    }

    func inputGradient(_ outGradient: Workspace.Buffer, rows: Int, _ workspace: Workspace) -> Workspace.Buffer {
        let inputGradient = workspace.activation(rows * inputs)
        workspace.backend.multiply(
            .linearInputGradient(
                outGradient, weight: weight.value, rows: rows, inputs: inputs, outputs: outputs, into: inputGradient))
        return inputGradient
    }

    private func product(_ input: Workspace.Buffer, rows: Int, into out: Workspace.Buffer) -> MatrixProduct {
        .linear(input, weight: weight.value, rows: rows, inputs: inputs, outputs: outputs, into: out)
    }
}
