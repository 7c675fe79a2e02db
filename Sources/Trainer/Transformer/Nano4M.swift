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

    /// What each modality's mean loss counts, by modality index, adding up to 1; nil: as the configuration says.
    package var lossWeights: [Double]?

    package let backend: any Backend
    let positions: PositionTable
    private let rotation: Rotation?
    let workspace: Workspace
    /// For the decoder's activations in training; see ``ParameterArena/idleUntilEncoder``.
    private let decoderWorkspace: Workspace
    private let inputEmbedding: TokenEmbedding
    private let targetEmbedding: TokenEmbedding
    private let encoder: [EncoderBlock]
    private let encoderNorm: LayerNorm
    private let contextProjection: Linear
    private let decoder: [DecoderBlock]
    private let decoderNorm: LayerNorm
    let head: LogitsHead
    /// Scales the loss of the backward pass, where the backend needs that.
    package let lossScaler: LossScaler?
    /// Where a device decides on the optimizer's steps.
    let stepControl: StepControl?

    /// A model with fresh weights: N(0, 0.02) from `seed`, norms 1 and logits 0.
    package init(_ configuration: Nano4MConfiguration, seed: UInt64, backend: any Backend = CPUBackend()) {
        let memory = backend.memory
        let parameters = ParameterArena(configuration.parameterShapes, memory: memory)
        let positions = PositionTable(
            length: configuration.maximumLength, dim: configuration.dim, memory: memory)
        let rotation =
            configuration.options.rotary
            ? Rotation(positions: configuration.maximumLength, headDim: configuration.headDim, memory: memory) : nil
        self.configuration = configuration
        self.parameters = parameters
        self.positions = positions
        self.rotation = rotation
        self.backend = backend
        workspace = Workspace(backend: backend)
        decoderWorkspace = Workspace(backend: backend, borrowing: parameters.idleUntilEncoder)
        lossScaler = backend.needsLossScaling ? LossScaler() : nil
        stepControl =
            backend.isAsynchronous ? memory.map { [lossScaler] in StepControl(memory: $0, scaler: lossScaler) } : nil
        inputEmbedding = TokenEmbedding(
            tokens: parameters.weight("enc_tok_emb.weight"), modalities: parameters.weight("enc_mod_emb.weight"),
            positions: positions.storage.pointer)
        targetEmbedding = TokenEmbedding(
            tokens: nil, modalities: parameters.weight("dec_mod_emb.weight"), positions: positions.storage.pointer)
        encoder = (0..<configuration.encoderDepth).map {
            EncoderBlock(parameters, prefix: "encoder.blocks.\($0)", configuration, rotation)
        }
        encoderNorm = parameters.norm("enc_norm")
        contextProjection = parameters.linear("dec_context_proj")
        decoder = (0..<configuration.decoderDepth).map {
            DecoderBlock(parameters, prefix: "decoder.blocks.\($0)", configuration, rotation)
        }
        decoderNorm = parameters.norm("dec_norm")
        head = LogitsHead(linear: parameters.linear("to_logits"), zLoss: configuration.options.zLoss)
        initializeWeights(seed: seed)
    }

    /// Loss of the batch; leaves its gradient in `parameters.gradients`, multiplied by the scale of the loss.
    ///
    /// Done in `microBatches` parts the gradient is the same but for rounding, and activations take less memory.
    package func forwardBackward(
        _ batch: PackedBatch, microBatches: Int = 1
    ) throws(TransformerError) -> LossReport {
        let report = try startForwardBackward(batch, microBatches: microBatches).value
        // Gradients may be read.
        backend.finish()
        try checkBackend()
        return report
    }

    /// The same without waiting for it.
    package func startForwardBackward(
        _ batch: PackedBatch, microBatches: Int = 1
    ) throws(TransformerError) -> Pending<LossReport> {
        try batch.validate(for: configuration)
        parameters.beginGradients(
            rows: batch.shifted(for: configuration).input.tokens.token, backend)
        return try startLoss(of: batch, microBatches: microBatches, withGradients: true)
    }

    /// Loss of the batch without gradients.
    package func evaluate(_ batch: PackedBatch) throws(TransformerError) -> LossReport {
        try batch.validate(for: configuration)
        let report = try startLoss(of: batch, microBatches: 1, withGradients: false).value
        try checkBackend()
        return report
    }

    private func startLoss(
        of batch: PackedBatch, microBatches: Int, withGradients: Bool
    ) throws(TransformerError) -> Pending<LossReport> {
        let loss = BatchLoss(batch, configuration, weights: lossWeights)
        let parts = batch.shifted(for: configuration).split(microBatches)
        return try startLosses(of: parts, scale: loss.scale[...], withGradients: withGradients).map {
            loss.report(loss.sums($0))
        }
    }

    /// Of parts of a batch whose target tokens count as `scale` says. `ready` is called as soon as the gradients of a
    /// range of all parameters are as they stay, but for the work that the backend still has to do.
    func startLosses(
        of parts: [PackedBatch], scale: ArraySlice<Float>, withGradients: Bool, ready: ((Range<Int>) -> Void)? = nil
    ) throws(TransformerError) -> Pending<RowLosses> {
        var losses: [(crossEntropy: Pending<[Float]>, penalty: Pending<[Float]>?)] = []
        var first = scale.startIndex
        var workspace = workspace
        workspace.accumulates = false
        for (index, given) in parts.enumerated() {
            let part = backend.fillsBatches && withGradients ? given.filled() : given
            // Memory of gradients serves until they are written. A device's is left to its kernels.
            let lends = withGradients && !workspace.accumulates && backend.memory == nil
            let pass = forward(part, lendsGradients: lends)
            let (targets, count) = (part.target.tokens.token, given.target.tokens.count)
            let outGradient = withGradients ? workspace.activation(targets.count * configuration.dim) : nil
            let rows = head.loss(
                pass.decoderNorm.out, targets: targets,
                scale: Array(scale[first..<(first + count)]) + [Float](repeating: 0, count: targets.count - count),
                lossScale: lossScaler == nil ? nil : stepControl?.lossScale, inputGradient: outGradient,
                idle: lends ? parameters.idleUntilDecoder : nil, workspace)
            first += count
            func own(_ losses: Workspace.Buffer) -> Pending<[Float]> {
                backend.reading(losses, count: rows.rows).map { Array($0.prefix(count)) }
            }
            losses.append((own(rows.crossEntropy), rows.penalty.map(own)))
            if let outGradient {
                backward(outGradient, pass, part, workspace) { [parameters] prefix in
                    if index == parts.count - 1 { ready?(parameters.matrices(prefix)) }
                }
            }
            workspace.accumulates = true
        }
        try checkBackend()
        return Pending {
            RowLosses(
                crossEntropy: losses.flatMap { $0.crossEntropy.value },
                penalty: losses.flatMap { $0.penalty?.value ?? [] })
        }
    }

    /// Logits of every target token, row-major [target tokens, vocabulary]; target token ids are not read.
    package func logits(_ batch: PackedBatch) throws(TransformerError) -> [Float] {
        var logits: [Float] = []
        logits.reserveCapacity(batch.target.tokens.count * configuration.vocabularySize)
        try forEachLogitRow(batch) { _, row in logits += row }
        return logits
    }

    /// Visits the logits of each target token in order, without ever holding all of them: those of some ids, or of all.
    /// `body` must not call back.
    package func forEachLogitRow(
        _ batch: PackedBatch, columns: Range<Int>? = nil,
        _ body: (_ row: Int, _ logits: UnsafeBufferPointer<Float>) -> Void
    ) throws(TransformerError) {
        try batch.validate(for: configuration)
        let pass = forward(batch.shifted(for: configuration))
        head.forEachRow(
            pass.decoderNorm.out, rows: batch.target.tokens.count,
            columns: columns ?? 0..<configuration.vocabularySize, workspace, body)
        try checkBackend()
    }

    /// A token of each row that is asked for; nil where the backend leaves drawing to the host.
    package func draw(_ draws: TokenDraws, from batch: PackedBatch) throws(TransformerError) -> [DrawnToken]? {
        try batch.validate(for: configuration)
        let pass = forward(batch.shifted(for: configuration))
        var drawn: [DrawnToken]? = []
        let count = batch.target.tokens.count
        let columns = configuration.vocabularySize
        let chunks = draws.chunks(rows: count, most: head.mostRows(columns, workspace))
        head.forEachChunk(
            pass.decoderNorm.out, rows: count, columns: 0..<columns, chunks: chunks, workspace
        ) { rows, logits in
            guard drawn != nil, let tokens = backend.draw(draws.within(rows), logits: logits) else {
                drawn = nil
                return
            }
            drawn?.append(contentsOf: tokens)
        }
        try checkBackend()
        return drawn
    }

    /// Throws what the backend could not do, such as giving memory for the model or a batch.
    package func checkBackend() throws(TransformerError) {
        if let failure = backend.failure { throw TransformerError(.deviceFailed, failure.description) }
    }

    /// What the forward pass leaves for the backward pass.
    struct Pass {
        var encoder: [EncoderBlock.Saved] = []
        var encoderNorm: LayerNorm.Saved
        var decoder: [DecoderBlock.Saved] = []
        var decoderNorm: LayerNorm.Saved
    }

    /// With `lendsGradients`, what is kept of the decoder lies in the memory of the encoder's gradients.
    func forward(_ batch: PackedBatch, lendsGradients: Bool = false) -> Pass {
        let decoderWorkspace = lendsGradients ? decoderWorkspace : workspace
        workspace.reset()
        decoderWorkspace.reset()
        backend.beginPass(weights: parameters.values.pointer, count: parameters.count)
        let (input, target) = (batch.input, batch.target)
        let (inputRows, targetRows) = (input.tokens.count, target.tokens.count)

        var x = inputEmbedding.forward(input.tokens, workspace)
        let encoded = encoder.map { block in
            let saved = block.forward(
                x, lengths: input.lengths, positions: input.tokens.position, workspace)
            x = saved.out
            return saved
        }
        let encoderNorm = encoderNorm.forward(x, rows: inputRows, workspace)
        // Positions are added to it: float32, as what the blocks add to.
        let context = workspace.allocate(inputRows * configuration.dim)
        contextProjection.forward(encoderNorm.out, rows: inputRows, into: context, workspace)
        backend.gather(
            out: context, table: positions.storage.pointer, indices: input.tokens.position, dim: configuration.dim,
            accumulate: true)

        var y = targetEmbedding.forward(target.tokens, decoderWorkspace)
        let decoded = decoder.map { block in
            let saved = block.forward(
                y, lengths: target.lengths, positions: target.tokens.position, context: context,
                contextLengths: input.lengths, decoderWorkspace)
            y = saved.out
            return saved
        }
        let decoderNorm = decoderNorm.forward(y, rows: targetRows, decoderWorkspace)
        return Pass(encoder: encoded, encoderNorm: encoderNorm, decoder: decoded, decoderNorm: decoderNorm)
    }

    private func backward(
        _ outGradient: Workspace.Buffer, _ pass: Pass, _ batch: PackedBatch, _ workspace: Workspace,
        ready: (_ prefix: String) -> Void
    ) {
        ready("to_logits")
        let (input, target) = (batch.input.tokens, batch.target.tokens)
        let contextGradient = workspace.zeros(input.count * configuration.dim)
        let y = workspace.zeros(target.count * configuration.dim)
        decoderNorm.backward(outGradient, pass.decoderNorm, addingTo: y, workspace)
        for (index, (block, saved)) in zip(decoder, pass.decoder).enumerated().reversed() {
            block.backward(y, saved, contextGradient: contextGradient, workspace)
            ready("decoder.blocks.\(index)")
        }
        targetEmbedding.backward(y, target, workspace)

        let x = workspace.zeros(input.count * configuration.dim)
        let normGradient = contextProjection.backward(
            workspace.asActivation(contextGradient, input.count * configuration.dim), input: pass.encoderNorm.out,
            rows: input.count, workspace)
        encoderNorm.backward(normGradient, pass.encoderNorm, addingTo: x, workspace)
        ready("dec_context_proj")
        for (index, (block, saved)) in zip(encoder, pass.encoder).enumerated().reversed() {
            block.backward(x, saved, workspace)
            ready("encoder.blocks.\(index)")
        }
        inputEmbedding.backward(x, input, workspace)
    }
}
