import Tensor

extension Nano4M {
    /// Computes a batch again and looks at every tensor in the order of computation.
    ///
    /// `report` is the batch's; gradients must still be those of the batch.
    package func diagnose(_ batch: PackedBatch, _ report: LossReport) throws(TransformerError) -> Diagnosis {
        try batch.validate(for: configuration)
        backend.finish()
        let names = configuration.modalities.map(\.name)
        let bad = report.modalityLoss.firstIndex { $0.map { !$0.isFinite } ?? false }
        var diagnosis = Diagnosis(
            modality: bad.map { names[$0] }, tensor: nil,
            subject: bad.map { "the loss of \(names[$0])" } ?? (report.loss.isFinite ? "the gradient norm" : "the loss")
        )
        if let parameter = firstBad(parameters.values) {
            diagnosis.tensor = "the weight \(parameter.name)"
            return diagnosis
        }
        if let (tensor, modality) = firstBadActivation(batch) {
            diagnosis.tensor = "the output of \(tensor)"
            diagnosis.modality = names[Int(modality)]
            return diagnosis
        }
        if report.loss.isFinite, let parameter = firstBadGradient() {
            diagnosis.tensor = "the gradient of \(parameter.name)"
        }
        return diagnosis
    }

    private func firstBad(_ storage: FloatStorage) -> Parameter? {
        parameters.list.first { !storage.floats[$0.range].allSatisfy(\.isFinite) }
    }

    /// From the head back to the embeddings, about as the backward pass goes.
    private func firstBadGradient() -> Parameter? {
        configuration.parameterShapes.reversed().lazy.compactMap { self.parameters[$0.name] }.first {
            !self.parameters.gradients(of: $0).allSatisfy(\.isFinite)
        }
    }

    private func firstBadActivation(_ batch: PackedBatch) -> (tensor: String, modality: Int32)? {
        let (input, target) = (batch.input.tokens.modality, batch.target.tokens.modality)
        let pass = forward(batch.shifted(for: configuration))
        let dim = configuration.dim
        func modality(_ buffer: Workspace.Buffer, _ rows: [Int32]) -> Int32? {
            backend.withValues(of: buffer, count: rows.count * dim) { values in
                values.firstIndex { !$0.isFinite }.map { rows[$0 / dim] }
            }
        }
        for (name, buffer, isInput) in pass.outputs {
            if let modality = modality(buffer, isInput ? input : target) { return (name, modality) }
        }
        var found: (String, Int32)?
        head.forEachRow(
            pass.decoderNorm.out, rows: target.count, columns: 0..<configuration.vocabularySize, workspace
        ) { row, logits in
            if found == nil, !logits.allSatisfy(\.isFinite) { found = ("to_logits", target[row]) }
        }
        return found
    }
}

extension Nano4M.Pass {
    /// What each part gave, in the order of computation: whether its rows are the inputs', else the targets'.
    fileprivate var outputs: [(name: String, buffer: Workspace.Buffer, isInput: Bool)] {
        var outputs: [(name: String, buffer: Workspace.Buffer, isInput: Bool)] = []
        for (index, block) in encoder.enumerated() {
            let prefix = "encoder.blocks.\(index)"
            outputs += [
                ("\(prefix).norm1", block.norm1.out, true), ("\(prefix).attn", block.attention.out, true),
                ("\(prefix).norm2", block.norm2.out, true), ("\(prefix).mlp", block.mlp.out, true),
            ]
        }
        outputs.append(("enc_norm", encoderNorm.out, true))
        for (index, block) in decoder.enumerated() {
            let prefix = "decoder.blocks.\(index)"
            outputs += [
                ("\(prefix).norm1", block.norm1.out, false),
                ("\(prefix).self_attn", block.selfAttention.out, false),
                ("\(prefix).query_norm", block.queryNorm.out, false),
                ("\(prefix).context_norm", block.contextNorm.out, true),
                ("\(prefix).cross_attn", block.crossAttention.out, false),
                ("\(prefix).norm2", block.norm2.out, false), ("\(prefix).mlp", block.mlp.out, false),
            ]
        }
        outputs.append(("dec_norm", decoderNorm.out, false))
        return outputs
    }
}
