import Tensor

/// y = (x - mean) / √(variance + 1e-6) * weight + bias, over each row; most models have no biases.
struct LayerNorm {
    let weight: Weight
    let bias: Weight?

    init(weight: Weight, bias: Weight? = nil) {
        self.weight = weight
        self.bias = bias
    }

    struct Saved {
        let input: Workspace.Buffer
        let mean: Workspace.Buffer
        let inverseDeviation: Workspace.Buffer
        let out: Workspace.Buffer
        let rows: Int
    }

    private var dim: Int { weight.shape[0] }

    func forward(_ input: Workspace.Buffer, rows: Int, _ workspace: Workspace) -> Saved {
        let saved = Saved(
            input: input, mean: workspace.allocate(rows), inverseDeviation: workspace.allocate(rows),
            out: workspace.activation(rows * dim), rows: rows)
        workspace.backend.layerNormForward(
            out: saved.out, mean: saved.mean, inverseDeviation: saved.inverseDeviation, input: input,
            weight: weight.value, rows: rows, dim: dim)
        if let bias { workspace.backend.addRow(saved.out, bias.value, rows: rows, dim: dim) }
        return saved
    }

    /// Adds to the gradients of the weight, of the bias and of the input.
    func backward(
        _ outGradient: Workspace.Buffer, _ saved: Saved, addingTo inputGradient: Workspace.Buffer,
        _ workspace: Workspace
    ) {
        if let bias { workspace.backend.addColumnSums(bias.gradient, of: outGradient, rows: saved.rows, dim: dim) }
        workspace.backend.layerNormBackward(
            inputGradient: inputGradient, weightGradient: weight.gradient, outGradient: outGradient,
            input: saved.input, mean: saved.mean, inverseDeviation: saved.inverseDeviation, weight: weight.value,
            rows: saved.rows, dim: dim)
    }
}
