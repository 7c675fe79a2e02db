import Experiment
import FoundationEssentials

/// The reference writes a model's arguments beside its weights, as Python literals.
extension Nano4MConfiguration {
    /// Options of ours that are off are not written, so that the reference can make a model of what it finds.
    package var metadata: [String: String] {
        var metadata = [
            "modalities": "[" + modalities.map { "'\($0.name)'" }.joined(separator: ", ") + "]",
            "vocab_sizes": "\(modalities.map(\.vocabularySize))",
            "max_seq_lens": "\(modalities.map(\.maximumLength))",
            "dim": "\(dim)",
            "enc_depth": "\(encoderDepth)",
            "dec_depth": "\(decoderDepth)",
            "head_dim": "\(headDim)",
            "mlp_ratio": "\(mlpRatio)",
            "use_bias": options.useBias ? "True" : "False",
            "per_modality_loss_avg": perModalityLossAverage ? "True" : "False",
        ]
        if !options.overlapVocabularies { metadata["overlap_vocab"] = "False" }
        if !options.overlapPositions { metadata["overlap_posembs"] = "False" }
        if options.feedForward != .gelu { metadata["mlp"] = "'\(options.feedForward.rawValue)'" }
        if options.rotary { metadata["rope"] = "True" }
        if options.zLoss > 0 { metadata["z_loss"] = "\(options.zLoss)" }
        return metadata
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
        func flag(_ key: String, default missing: Bool) throws(TransformerError) -> Bool {
            guard metadata[key] != nil else { return missing }
            guard case .bool(let value) = try literal(key) else { throw fail(key) }
            return value
        }
        var options = Nano4MOptions()
        options.useBias = try flag("use_bias", default: false)
        options.overlapVocabularies = try flag("overlap_vocab", default: true)
        options.overlapPositions = try flag("overlap_posembs", default: true)
        options.rotary = try flag("rope", default: false)
        if let text = metadata["mlp"] {
            guard let kind = FeedForwardKind(rawValue: text.filter { $0 != "'" }) else { throw fail("mlp") }
            options.feedForward = kind
        }
        if metadata["z_loss"] != nil {
            guard let zLoss = try literal("z_loss").number else { throw fail("z_loss") }
            options.zLoss = zLoss
        }
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
            perModalityLossAverage: average, options: options)
    }
}
