package import CUDA
import Dataset
import Experiment
import FoundationEssentials
package import TrackerClient
import Transformer

/// `trainer generate`: samples modalities of some eval clips, given others, and measures what came out.
package enum GenerateStage {
    /// Logs one row of means (step 0), one row a sample and the decoded samples. Keys are `generation/...` and `clip/...`
    /// for the last modality of a chain, with the modality's name in between for those before.
    package static func run(
        _ run: StageRun, logger: RunLogger, device: ComputeDevice = .cpu, precision: Precision = .float32
    ) throws {
        let settings = try GenerationSettings(config: run.settings.config)
        let trained = try TrainedModel.open(run.settings.inputs?["train"], on: device.open(precision).backend)
        let tokens = trained.tokens
        let tasks = try GenerationTask.all(settings, modalities: trained.modalities)
        let clips = Array(tokens.clips(in: .eval).prefix(settings.clips))
        guard !clips.isEmpty, let first = tasks.first else {
            throw TrainingError(.unusableTokenSet, "\(tokens.path) has no eval clips; prepare it from more material")
        }
        StageRunner.say(
            """
            run \(run.id): \(tasks.map(\.target.name).joined(separator: ", then ")) of \(clips.count) clips from \
            \(first.given.map { first.modalities[$0].name }.joined(separator: "+")), checkpoint of step \(trained.step)
            """)
        let chain = ChainRun(settings, tokens: tokens, clips: clips.count)
        let tokenizers =
            tasks.allSatisfy { $0.target.name == ModalitySubset.label }
            ? nil : try TokenizerBundle.open(tokens.tokenizerDirectory)
        let output = LinkOutput(
            model: trained.model, tokens: tokens, tokenizers: tokenizers,
            media: MediaLog(directory: run.directory, logger: logger), chain: chain, seed: UInt64(settings.seed))
        var means: [String: Double] = ["temperature": settings.temperature]
        var rows = [[String: Double]](repeating: [:], count: chain.samples.count)
        for link in try chain.run(trained.model, tasks: tasks) {
            let reports = try output.reports(link, captions: clips)
            let infix = link.task.target == tasks.last?.target ? "" : "\(link.task.target.name)/"
            for (index, report) in reports.enumerated() {
                for (key, value) in report.values { rows[index]["clip/\(infix)\(key)"] = value }
            }
            for (key, value) in ClipReport.mean(reports) { means["generation/\(infix)\(key)"] = value }
        }
        for (index, values) in rows.enumerated() { logger.log(row(step: index, values)) }
        logger.log(row(step: 0, means))
    }

    private static func row(step: Int, _ values: [String: Double]) -> RunRecord {
        .metrics(MetricRow(step: Int64(step), time: Date(), values: values))
    }
}
