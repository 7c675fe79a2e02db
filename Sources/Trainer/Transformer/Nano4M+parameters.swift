package import Tensor

extension Nano4MConfiguration {
    /// All trained parameters under the reference's names.
    package var parameterShapes: [(name: String, shape: [Int])] {
        let (hidden, vocabulary) = (hiddenDim, vocabularySize)
        let expanded = options.feedForward == .swiglu ? 2 * hidden : hidden
        var shapes: [(name: String, shape: [Int])] = [
            ("enc_tok_emb.weight", [vocabulary, dim]),
            ("enc_mod_emb.weight", [modalities.count, dim]),
            ("dec_mod_emb.weight", [modalities.count, dim]),
        ]
        /// A layer's weight and, in a model with biases, its bias.
        func add(_ name: String, _ shape: [Int]) {
            shapes.append(("\(name).weight", shape))
            if options.useBias { shapes.append(("\(name).bias", [shape[0]])) }
        }
        for block in 0..<encoderDepth {
            for (name, shape) in [
                ("norm1", [dim]), ("attn.qkv", [3 * dim, dim]), ("attn.attn_out_proj", [dim, dim]), ("norm2", [dim]),
                ("mlp.ff.0", [expanded, dim]), ("mlp.ff.2", [dim, hidden]),
            ] { add("encoder.blocks.\(block).\(name)", shape) }
        }
        for block in 0..<decoderDepth {
            for (name, shape) in [
                ("norm1", [dim]), ("self_attn.qkv", [3 * dim, dim]), ("self_attn.attn_out_proj", [dim, dim]),
                ("query_norm", [dim]), ("context_norm", [dim]), ("cross_attn.q", [dim, dim]),
                ("cross_attn.kv", [2 * dim, dim]), ("cross_attn.attn_out_proj", [dim, dim]), ("norm2", [dim]),
                ("mlp.ff.0", [expanded, dim]), ("mlp.ff.2", [dim, hidden]),
            ] { add("decoder.blocks.\(block).\(name)", shape) }
        }
        for (name, shape) in [("dec_context_proj", [dim, dim]), ("enc_norm", [dim]), ("dec_norm", [dim])] {
            add(name, shape)
        }
        return shapes + [("to_logits.weight", [vocabulary, dim])]
    }
}

extension Parameter {
    /// The weight of a norm, which starts at 1.
    var isNormWeight: Bool { !decays && name.hasSuffix(".weight") }
    /// Its gradient is a sum over rows, not a product.
    var isAddedTo: Bool { shape.count == 1 || name.hasSuffix("_emb.weight") }
    /// Trained biases start at 0.
    var isBias: Bool { name.hasSuffix(".bias") }
    /// A matrix within the blocks or between them: what Muon is for.
    var isHiddenMatrix: Bool {
        shape.count == 2 && (name.contains(".blocks.") || name == "dec_context_proj.weight")
    }
}

extension Nano4M {
    func initializeWeights(seed: UInt64) {
        var generator = Xoshiro256(seed: seed)
        for parameter in parameters.list {
            let values = parameters.values(of: parameter)
            if parameter.isNormWeight {
                values.update(repeating: 1)
            } else if !parameter.isBias, parameter.name != "to_logits.weight" {
                // Zero logits make the first loss exactly ln(vocabulary).
                for index in values.indices { values[index] = Float(0.02 * generator.normal()) }
            }
        }
    }

    /// The weights under the reference's names, for ``SafeTensors/write(_:metadata:to:)``. They point into the model,
    /// or into `values`, which must then be as many.
    ///
    /// The reference also stores the position table and, where biases are not trained, zeros beside each norm's weight.
    package func checkpointTensors(values: FloatStorage? = nil) -> [SafeTensors.Output] {
        backend.finish()
        let zeros = [Float](repeating: 0, count: configuration.dim)
        let pointer = (values ?? parameters.values).pointer
        var tensors = parameters.list.map { parameter in
            SafeTensors.Output(parameter.name, shape: parameter.shape, memory: pointer + parameter.offset)
        }
        if !configuration.options.useBias {
            for norm in parameters.list where norm.isNormWeight {
                tensors.append(SafeTensors.Output(biasName(norm), shape: norm.shape, floats: zeros))
            }
        }
        tensors.append(
            SafeTensors.Output(
                "pos_emb", shape: [configuration.maximumLength, configuration.dim], memory: positions.storage.pointer))
        return tensors
    }

    /// Replaces all weights by those of a checkpoint of the same configuration, or none if it does not fit.
    ///
    /// With `into`, the weights go there instead. Throws ``TensorError`` or ``TransformerError``.
    package func load(_ checkpoint: SafeTensors, into storage: FloatStorage? = nil) throws {
        try check(checkpoint)
        backend.finish()
        let pointer = (storage ?? parameters.values).pointer
        for parameter in parameters.list {
            try checkpoint.copyFloats(parameter.name, shape: parameter.shape, to: pointer + parameter.offset)
        }
    }

    private func check(_ checkpoint: SafeTensors) throws {
        for parameter in parameters.list {
            let entry = try checkpoint.entry(parameter.name)
            guard entry.type == .float32, entry.shape == parameter.shape else {
                throw TransformerError(
                    .invalidCheckpoint,
                    "the checkpoint's '\(parameter.name)' is \(entry.type.rawValue) \(entry.shape) where F32 "
                        + "\(parameter.shape) is needed; was it trained with other settings?")
            }
        }
        let known = Set(parameters.list.map(\.name))
        for name in checkpoint.entries.keys.sorted() where !known.contains(name) && name.hasSuffix(".bias") {
            guard try checkpoint.floats(name).allSatisfy({ $0 == 0 }) else {
                throw TransformerError(
                    .invalidCheckpoint, "the checkpoint's '\(name)' is not zero; set use_bias true to train it further")
            }
        }
    }

    private func biasName(_ norm: Parameter) -> String { norm.name.dropLast("weight".count) + "bias" }
}
