import Experiment
import FoundationEssentials

/// The reference writes a model's arguments beside its weights, as Python literals.
extension Nano4MConfiguration {
    package var metadata: [String: String] {
        [
            "modalities": "[" + modalities.map { "'\($0.name)'" }.joined(separator: ", ") + "]",
            "vocab_sizes": "\(modalities.map(\.vocabularySize))",
            "max_seq_lens": "\(modalities.map(\.maximumLength))",
            "dim": "\(dim)",
            "enc_depth": "\(encoderDepth)",
            "dec_depth": "\(decoderDepth)",
            "head_dim": "\(headDim)",
            "mlp_ratio": "\(mlpRatio)",
            "use_bias": "False",
            "per_modality_loss_avg": perModalityLossAverage ? "True" : "False",
        ]
    }

    /// Reads what ``metadata`` or the reference wrote; other keys are left alone.
    package init(metadata: [String: String]) throws(TransformerError) {
        func fail(_ key: String) -> TransformerError {
            TransformerError(.invalidCheckpoint, "the checkpoint's metadata has no usable '\(key)'")
        }
        func literal(_ key: String) throws(TransformerError) -> JSONValue {
            guard let text = metadata[key] else { throw fail(key) }
            let json = text == "True" ? "true" : text == "False" ? "false" : text.replacing("'", with: "\"")
            guard let value = try? JSONCoding.decode(JSONValue.self, from: Data(json.utf8)) else { throw fail(key) }
            return value
        }
        func whole(_ key: String) throws(TransformerError) -> Int {
            guard case .int(let value) = try literal(key) else { throw fail(key) }
            return Int(value)
        }
        func list(_ key: String) throws(TransformerError) -> [JSONValue] {
            guard case .array(let items) = try literal(key) else { throw fail(key) }
            return items
        }
        if metadata["use_bias"] != nil, try literal("use_bias") != .bool(false) { throw fail("use_bias") }
        guard let mlpRatio = try literal("mlp_ratio").number else { throw fail("mlp_ratio") }
        guard case .bool(let average) = try literal("per_modality_loss_avg") else {
            throw fail("per_modality_loss_avg")
        }
        let (names, vocabularies, lengths) = (
            try list("modalities"), try list("vocab_sizes"), try list("max_seq_lens")
        )
        guard names.count == vocabularies.count, names.count == lengths.count else { throw fail("modalities") }
        var modalities: [Modality] = []
        for index in names.indices {
            guard case .string(let name) = names[index], case .int(let vocabulary) = vocabularies[index],
                case .int(let length) = lengths[index]
            else { throw fail("modalities") }
            modalities.append(Modality(name: name, vocabularySize: Int(vocabulary), maximumLength: Int(length)))
        }
        try self.init(
            modalities: modalities, dim: whole("dim"), encoderDepth: whole("enc_depth"),
            decoderDepth: whole("dec_depth"), headDim: whole("head_dim"), mlpRatio: mlpRatio,
            perModalityLossAverage: average)
    }
}
