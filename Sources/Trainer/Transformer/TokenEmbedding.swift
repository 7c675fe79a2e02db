import Tensor

/// The row that each token enters the model as: token (encoder only) + modality + position.
struct TokenEmbedding {
    /// Nil in the decoder, which is told where but not what.
    let tokens: Weight?
    let modalities: Weight
    /// Fixed, [positions, dim]: see ``PositionTable``.
    let positions: Workspace.Buffer

    private var dim: Int { modalities.shape[1] }

    func forward(_ sequence: TokenSequence, _ workspace: Workspace) -> Workspace.Buffer {
        let out = workspace.allocate(sequence.count * dim)
        let backend = workspace.backend
        backend.gather(
            out: out, table: modalities.value, indices: sequence.modality, dim: dim, accumulate: false)
        if let tokens {
            backend.gather(out: out, table: tokens.value, indices: sequence.token, dim: dim, accumulate: true)
        }
        backend.gather(out: out, table: positions, indices: sequence.position, dim: dim, accumulate: true)
        return out
    }

    func backward(_ outGradient: Workspace.Buffer, _ sequence: TokenSequence, _ workspace: Workspace) {
        let backend = workspace.backend
        backend.scatterAdd(
            table: modalities.gradient, input: outGradient, indices: sequence.modality, dim: dim)
        if let tokens {
            backend.scatterAdd(table: tokens.gradient, input: outGradient, indices: sequence.token, dim: dim)
        }
    }
}
