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
        let out = workspace.allocate(rows * outputs)
        workspace.backend.multiply(
            .linear(input, weight: weight.value, rows: rows, inputs: inputs, outputs: outputs, into: out))
        if let bias { workspace.backend.addRow(out, bias.value, rows: rows, dim: outputs) }
        return out
    }

    /// Adds to the gradients of weight and bias and returns the input's.
    func backward(
        _ outGradient: Workspace.Buffer, input: Workspace.Buffer, rows: Int, _ workspace: Workspace
    ) -> Workspace.Buffer {
        if let bias { workspace.backend.addColumnSums(bias.gradient, of: outGradient, rows: rows, dim: outputs) }
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
