import Dataset
import Experiment
import FoundationEssentials
package import TrackerClient
import Transformer

/// `trainer generate`: samples one modality of some eval clips, given others, and measures what came out.
package enum GenerateStage {
    /// Logs one row of means (step 0, keys `generation/...`), one row a clip (keys `clip/...`) and the decoded clips.
    package static func run(_ run: StageRun, logger: RunLogger) throws {
        let settings = try GenerationSettings(config: run.settings.config)
        let trained = try TrainedModel.open(run.settings.inputs?["train"])
        let tokens = trained.tokens
        let task = try GenerationTask(settings, modalities: trained.modalities)
        let clips = Array(tokens.clips(in: .eval).prefix(settings.clips))
        guard !clips.isEmpty else {
            throw TrainingError(.unusableTokenSet, "\(tokens.path) has no eval clips; prepare it from more material")
        }
        StageRunner.say(
            """
            run \(run.id): \(task.target.name) of \(clips.count) clips from \
            \(task.given.map { task.modalities[$0].name }.joined(separator: "+")), checkpoint of step \(trained.step)
            """)

        let generator = try ROARGenerator(
            target: task.targetIndex, length: task.target.length, steps: settings.steps,
            sampler: Sampler(temperature: settings.temperature, topK: settings.topK, topP: settings.topP))
        let seed = UInt64(settings.seed)
        let conditions = clips.indices.map { task.condition(tokens, clip: $0) }
        let generated = try generator.generate(trained.model, conditions: conditions, seed: seed)

        let tokenizers =
            task.target.name == ModalitySubset.label ? nil : try TokenizerBundle.open(tokens.tokenizerDirectory)
        let media = MediaLog(directory: run.directory, logger: logger)
        var reports: [ClipReport] = []
        for (index, clip) in clips.enumerated() {
            let truth = tokens.tokens(modality: task.target.name, split: .eval, clip: index)
            let nll = try generator.likelihood(
                trained.model, condition: conditions[index], truth: truth, seed: seed, clip: index)
            let decoded = try tokenizers.flatMap {
                try DecodedClip(modality: task.target.name, tokens: generated[index], by: $0)
            }
            let decodedTruth = try tokenizers.flatMap {
                try DecodedClip(modality: task.target.name, tokens: truth, by: $0)
            }
            let key = "generation/\(task.target.name)"
            if let decoded { try media.add(decoded, key: key, step: index, caption: clip) }
            if let decodedTruth { try media.add(decodedTruth, key: "\(key)_truth", step: index, caption: clip) }
            let report = ClipReport(
                tokens: TokenMeasures(generated: generated[index], truth: truth), nll: nll, generated: decoded,
                truth: decodedTruth)
            reports.append(report)
            logger.log(row(step: index, report.values, prefix: "clip/"))
        }
        var summary = row(step: 0, ClipReport.mean(reports), prefix: "generation/")
        if case .metrics(var means) = summary {
            means.values["temperature"] = settings.temperature
            summary = .metrics(means)
        }
        logger.log(summary)
    }

    private static func row(step: Int, _ values: [String: Double], prefix: String) -> RunRecord {
        let named = values.map { (prefix + $0.key, $0.value) }
        return .metrics(
            MetricRow(step: Int64(step), time: Date(), values: Dictionary(uniqueKeysWithValues: named)))
    }
}
