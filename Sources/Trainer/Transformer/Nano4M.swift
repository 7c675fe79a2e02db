package import Tensor

/// The encoder-decoder of 4M in nano4M's size: encodes some tokens of several modalities, predicts others.
///
/// Forward and backward are explicit, operator by operator. Token-wise work runs on the batch's packed rows and
/// attention on each sample's own, so that no position is padding. A sample without inputs is predicted from
/// positions alone, one without targets adds nothing to the loss; neither gives NaN.
///
/// Not to be used from two threads at once: activations live in one arena that every call reuses.
package final class Nano4M {
    package let configuration: Nano4MConfiguration
    /// Names, values and gradients of all parameters.
    package let parameters: ParameterArena

    package let backend: any Backend
    let positions: PositionTable
    private let workspace: Workspace
    private let inputEmbedding: TokenEmbedding
    private let targetEmbedding: TokenEmbedding
    private let encoder: [EncoderBlock]
    private let encoderNorm: LayerNorm
    private let contextProjection: Linear
    private let decoder: [DecoderBlock]
    private let decoderNorm: LayerNorm
    private let head: LogitsHead

    /// A model with fresh weights: N(0, 0.02) from `seed`, norms 1 and logits 0.
    package init(_ configuration: Nano4MConfiguration, seed: UInt64, backend: any Backend = CPUBackend()) {
        let parameters = ParameterArena(configuration.parameterShapes)
        let positions = PositionTable(length: configuration.maximumLength, dim: configuration.dim)
        let heads = configuration.heads
        self.configuration = configuration
        self.parameters = parameters
        self.positions = positions
        self.backend = backend
        workspace = Workspace(backend: backend, arena: Arena())
        inputEmbedding = TokenEmbedding(
            tokens: parameters.weight("enc_tok_emb.weight"), modalities: parameters.weight("enc_mod_emb.weight"),
            positions: positions.storage.pointer)
        targetEmbedding = TokenEmbedding(
            tokens: nil, modalities: parameters.weight("dec_mod_emb.weight"), positions: positions.storage.pointer)
        encoder = (0..<configuration.encoderDepth).map {
            EncoderBlock(parameters, prefix: "encoder.blocks.\($0)", heads: heads)
        }
        encoderNorm = LayerNorm(weight: parameters.weight("enc_norm.weight"))
        contextProjection = Linear(weight: parameters.weight("dec_context_proj.weight"))
        decoder = (0..<configuration.decoderDepth).map {
            DecoderBlock(parameters, prefix: "decoder.blocks.\($0)", heads: heads)
        }
        decoderNorm = LayerNorm(weight: parameters.weight("dec_norm.weight"))
        head = LogitsHead(linear: Linear(weight: parameters.weight("to_logits.weight")))
        initializeWeights(seed: seed)
    }

    /// Loss of the batch; leaves its gradient in `parameters.gradients`.
    package func forwardBackward(_ batch: PackedBatch) throws(TransformerError) -> LossReport {
        try batch.validate(for: configuration)
        backend.fill(parameters.gradients.pointer, with: 0, count: parameters.count)
        let pass = forward(batch)
        let loss = BatchLoss(batch, configuration)
        let outGradient = workspace.allocate(batch.target.tokens.count * configuration.dim)
        let losses = head.loss(
            pass.decoderNorm.out, targets: batch.target.tokens.token, scale: loss.scale, inputGradient: outGradient,
            workspace)
        backward(outGradient, pass, batch)
        return loss.report(losses)
    }

    /// Loss of the batch without gradients.
    package func evaluate(_ batch: PackedBatch) throws(TransformerError) -> LossReport {
        try batch.validate(for: configuration)
        let pass = forward(batch)
        let loss = BatchLoss(batch, configuration)
        let losses = head.loss(
            pass.decoderNorm.out, targets: batch.target.tokens.token, scale: loss.scale, inputGradient: nil, workspace)
        return loss.report(losses)
    }

    /// Logits of every target token, row-major [target tokens, vocabulary]; target token ids are not read.
    package func logits(_ batch: PackedBatch) throws(TransformerError) -> [Float] {
        var logits: [Float] = []
        logits.reserveCapacity(batch.target.tokens.count * configuration.vocabularySize)
        try forEachLogitRow(batch) { _, row in logits += row }
        return logits
    }

    /// Visits the logits of each target token in order, without ever holding all of them. `body` must not call back.
    package func forEachLogitRow(
        _ batch: PackedBatch, _ body: (_ row: Int, _ logits: UnsafeBufferPointer<Float>) -> Void
    ) throws(TransformerError) {
        try batch.validate(for: configuration)
        let pass = forward(batch)
        head.forEachRow(pass.decoderNorm.out, rows: batch.target.tokens.count, workspace, body)
    }

    /// What the forward pass leaves for the backward pass.
    private struct Pass {
        var encoder: [EncoderBlock.Saved] = []
        var encoderNorm: LayerNorm.Saved
        var decoder: [DecoderBlock.Saved] = []
        var decoderNorm: LayerNorm.Saved
    }

    private func forward(_ batch: PackedBatch) -> Pass {
        workspace.arena.reset()
        let (input, target) = (batch.input, batch.target)
        let (inputRows, targetRows) = (input.tokens.count, target.tokens.count)

        var x = inputEmbedding.forward(input.tokens, workspace)
        let encoded = encoder.map { block in
            let saved = block.forward(x, lengths: input.lengths, workspace)
            x = saved.out
            return saved
        }
        let encoderNorm = encoderNorm.forward(x, rows: inputRows, workspace)
        let context = contextProjection.forward(encoderNorm.out, rows: inputRows, workspace)
        backend.gather(
            out: context, table: positions.storage.pointer, indices: input.tokens.position, dim: configuration.dim,
            accumulate: true)

        var y = targetEmbedding.forward(target.tokens, workspace)
        let decoded = decoder.map { block in
            let saved = block.forward(
                y, lengths: target.lengths, context: context, contextLengths: input.lengths, workspace)
            y = saved.out
            return saved
        }
        let decoderNorm = decoderNorm.forward(y, rows: targetRows, workspace)
        return Pass(encoder: encoded, encoderNorm: encoderNorm, decoder: decoded, decoderNorm: decoderNorm)
    }

    private func backward(_ outGradient: Workspace.Buffer, _ pass: Pass, _ batch: PackedBatch) {
        let (input, target) = (batch.input.tokens, batch.target.tokens)
        let contextGradient = workspace.zeros(input.count * configuration.dim)
        let y = workspace.zeros(target.count * configuration.dim)
        decoderNorm.backward(outGradient, pass.decoderNorm, addingTo: y, workspace)
        for (block, saved) in zip(decoder, pass.decoder).reversed() {
            block.backward(y, saved, contextGradient: contextGradient, workspace)
        }
        targetEmbedding.backward(y, target, workspace)

        let x = workspace.zeros(input.count * configuration.dim)
        let normGradient = contextProjection.backward(
            contextGradient, input: pass.encoderNorm.out, rows: input.count, workspace)
        encoderNorm.backward(normGradient, pass.encoderNorm, addingTo: x, workspace)
        for (block, saved) in zip(encoder, pass.encoder).reversed() { block.backward(x, saved, workspace) }
        inputEmbedding.backward(x, input, workspace)
    }
}
