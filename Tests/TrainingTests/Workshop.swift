import Dataset
package import Experiment
import FoundationEssentials
import Testing
import TrackerClient
import Training

/// A folder with a small token set, and runs of the real stages in it.
struct Workshop {
    let folder = TemporaryFolder()
    var tokenSet: String { "\(folder.path)/tiny.h5" }

    static let modalities = [
        ModalityInfo(name: "image", length: 16, vocabularySize: 32),
        ModalityInfo(name: "pseudo-depth", length: 16, vocabularySize: 32),
        ModalityInfo(name: "audio", length: 96, vocabularySize: 24),
        ModalityInfo(name: "label", length: 1, vocabularySize: 4),
    ]

    /// Clips of four kinds; a clip's kind, a modality and a position decide the token, so any token of one tells the other's.
    init() throws {
        var splits: [Split: TokenRows] = [:]
        for (split, count) in [(Split.train, 24), (.eval, 8)] {
            var rows = TokenRows()
            for clip in 0..<count {
                rows.clips.append("\(split.rawValue)-\(clip)")
                for modality in Self.modalities {
                    let kind = clip % 4
                    rows.tokens[modality.name, default: []] += (0..<modality.length).map { place in
                        modality.length == 1 ? Int32(kind) : Int32(kind * 5 + place % 2)
                    }
                }
            }
            splits[split] = rows
        }
        try TokenSetWriter.write(
            to: tokenSet, modalities: Self.modalities, labels: ["red dog", "red cat", "blue dog", "blue cat"],
            splits: splits,
            tokenizerHashes: [:],
            provenance: Provenance(source: "synthetic", credit: "", options: [:], ffmpeg: "", createdBy: "tests"))
    }

    /// A training of ten steps that takes a fraction of a second.
    func config(_ changes: [String: JSONValue] = [:]) -> [String: JSONValue] {
        let base: [String: JSONValue] = [
            "tokens": .string(tokenSet), "subset": "image+audio", "dim": 32, "enc_depth": 1, "dec_depth": 1,
            "head_dim": 16, "batch_size": 8, "input_tokens_range": [4, 16], "target_tokens_range": [4, 16],
            "total_tokens": 2560, "eval_every_tokens": 1024, "checkpoint_every_tokens": 768, "eval_clips": 4,
            "lr": 0.03, "warmup_tokens": 512,
        ]
        return base.merging(changes) { $1 }
    }

    /// Writes `NAME/run.json` and runs the stage as the command does.
    @discardableResult
    func run(
        _ name: String, _ stage: String = "train", config: [String: JSONValue], inputs: [String: String]? = nil,
        attempt: Int = 1, stopAfter step: Int? = nil, stopAfterEvaluationAt evaluation: Int? = nil
    ) throws -> Int32 {
        var settings = RunSettings(config: config)
        settings.id = RunID(rawValue: name)
        settings.directory = directory(name)
        settings.attempt = attempt
        settings.inputs = inputs
        try FileManager.default.createDirectory(atPath: directory(name), withIntermediateDirectories: true)
        let path = "\(directory(name))/run.json"
        try JSONCoding.encode(settings).write(to: URL(filePath: path))
        return StageRunner.run(settingsPath: path, stage: stage, tracker: nil) { run, logger in
            if stage == "generate" {
                try GenerateStage.run(run, logger: logger)
                return nil
            }
            let stopper = Stopper(step: step, evaluation: evaluation)
            return try TrainStage.run(
                run, logger: logger, listeners: [stopper], stopSignal: { stopper.isReached ? 15 : nil })
        }
    }

    func directory(_ name: String) -> String { "\(folder.path)/\(name)" }

    func result(_ name: String) throws -> StageResult {
        try #require(StageResult.read(fromDirectory: directory(name)))
    }

    func records(_ name: String, attempt: Int = 1) throws -> [RunRecord] {
        let reader = try RunLogReader(path: RunLog.path(directory: directory(name), attempt: attempt))
        var records: [RunRecord] = []
        while let record = try reader.next() { records.append(record.record) }
        return records
    }

    /// Metric rows in order, without what depends on the clock.
    func rows(_ name: String, attempt: Int = 1) throws -> [MetricRow] {
        try records(name, attempt: attempt).compactMap { record in
            guard case .metrics(var row) = record else { return nil }
            row.time = Date(timeIntervalSince1970: 0)
            row.values["tokens_per_second"] = nil
            row.values["mfu"] = nil
            return row
        }
    }

    /// The newest checkpoint's file.
    func weights(_ name: String) throws -> Data {
        let newest = try #require(CheckpointStore(runDirectory: directory(name)).whole().first)
        return try Data(contentsOf: URL(filePath: newest.model))
    }
}

/// Asks a training to stop after a step, before its evaluation if one is due, or right after an evaluation.
private final class Stopper: TrainingListener {
    private let step: Int?
    private let evaluation: Int?
    private(set) var isReached = false

    init(step: Int?, evaluation: Int?) {
        self.step = step
        self.evaluation = evaluation
    }

    func handle(_ event: TrainingEvent) -> TrainingEvent? {
        switch event {
        case .step(let done) where done.step == step: isReached = true
        case .evaluated(let done) where done.step == evaluation: isReached = true
        default: break
        }
        return nil
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByArrayLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .int(value) }
    package init(floatLiteral value: Double) { self = .double(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
}
