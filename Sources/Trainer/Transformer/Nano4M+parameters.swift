package import Tensor

extension Nano4MConfiguration {
    /// All trained parameters under the reference's names.
    package var parameterShapes: [(name: String, shape: [Int])] {
        let (hidden, vocabulary) = (hiddenDim, vocabularySize)
        var shapes: [(name: String, shape: [Int])] = [
            ("enc_tok_emb.weight", [vocabulary, dim]),
            ("enc_mod_emb.weight", [modalities.count, dim]),
            ("dec_mod_emb.weight", [modalities.count, dim]),
        ]
        for block in 0..<encoderDepth {
            shapes += [
                ("norm1", [dim]), ("attn.qkv", [3 * dim, dim]), ("attn.attn_out_proj", [dim, dim]), ("norm2", [dim]),
                ("mlp.ff.0", [hidden, dim]), ("mlp.ff.2", [dim, hidden]),
            ].map { ("encoder.blocks.\(block).\($0).weight", $1) }
        }
        for block in 0..<decoderDepth {
            shapes += [
                ("norm1", [dim]), ("self_attn.qkv", [3 * dim, dim]), ("self_attn.attn_out_proj", [dim, dim]),
                ("query_norm", [dim]), ("context_norm", [dim]), ("cross_attn.q", [dim, dim]),
                ("cross_attn.kv", [2 * dim, dim]), ("cross_attn.attn_out_proj", [dim, dim]), ("norm2", [dim]),
                ("mlp.ff.0", [hidden, dim]), ("mlp.ff.2", [dim, hidden]),
            ].map { ("decoder.blocks.\(block).\($0).weight", $1) }
        }
        return shapes + [
            ("dec_context_proj.weight", [dim, dim]), ("enc_norm.weight", [dim]), ("dec_norm.weight", [dim]),
            ("to_logits.weight", [vocabulary, dim]),
        ]
    }
}

extension Nano4M {
    func initializeWeights(seed: UInt64) {
        var generator = Xoshiro256(seed: seed)
        for parameter in parameters.list {
            let values = parameters.values(of: parameter)
            if !parameter.decays {
                values.update(repeating: 1)
            } else if parameter.name != "to_logits.weight" {
                // Zero logits make the first loss exactly ln(vocabulary).
                for index in values.indices { values[index] = Float(0.02 * generator.normal()) }
            }
        }
    }

    /// The weights under the reference's names, for ``SafeTensors/write(_:metadata:to:)``. They point into the model.
    ///
    /// The reference also stores the position table and a bias of zeros beside each norm's weight.
    package func checkpointTensors() -> [SafeTensors.Output] {
        let zeros = [Float](repeating: 0, count: configuration.dim)
        var tensors = parameters.list.map { parameter in
            SafeTensors.Output(
                parameter.name, shape: parameter.shape, memory: parameters.values.pointer + parameter.offset)
        }
        for parameter in parameters.list where !parameter.decays {
            tensors.append(SafeTensors.Output(biasName(parameter), shape: parameter.shape, floats: zeros))
        }
        tensors.append(
            SafeTensors.Output(
                "pos_emb", shape: [configuration.maximumLength, configuration.dim], memory: positions.storage.pointer))
        return tensors
    }

    /// Replaces all weights by those of a checkpoint of the same configuration, or none if it does not fit.
    ///
    /// Throws ``TensorError`` or ``TransformerError``.
    package func load(_ checkpoint: SafeTensors) throws {
        for parameter in parameters.list {
            let entry = try checkpoint.entry(parameter.name)
            guard entry.type == .float32, entry.shape == parameter.shape else {
                throw TransformerError(
                    .invalidCheckpoint,
                    "the checkpoint's '\(parameter.name)' is \(entry.type.rawValue) \(entry.shape) where F32 "
                        + "\(parameter.shape) is needed; was it trained with other settings?")
            }
            let bias = biasName(parameter)
            if !parameter.decays, checkpoint.entries[bias] != nil,
                try checkpoint.floats(bias).contains(where: { $0 != 0 })
            {
                throw TransformerError(
                    .invalidCheckpoint, "the checkpoint's '\(bias)' is not zero; models with biases are not supported")
            }
        }
        for parameter in parameters.list {
            try checkpoint.copyFloats(
                parameter.name, shape: parameter.shape, to: parameters.values.pointer + parameter.offset)
        }
    }

    private func biasName(_ norm: Parameter) -> String { norm.name.dropLast("weight".count) + "bias" }
}
