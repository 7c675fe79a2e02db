import Dataset
import Experiment
import FoundationEssentials
import Tensor
import Testing
import Transformer

@testable import CUDA
@testable import Training

/// The training loop on a device that computes only when someone waits.
@Suite("Training loop on the emulated GPU")
struct LoopTests {
    private let set: TokenSet
    private let modalities = [
        ModalityInfo(name: "image", length: 6, vocabularySize: 12),
        ModalityInfo(name: "audio", length: 8, vocabularySize: 9),
    ]

    init() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "saga-loop-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var splits: [Split: TokenRows] = [:]
        for split in [Split.train, .eval] {
            var rows = TokenRows()
            for clip in 0..<6 {
                rows.clips.append("\(split.rawValue)-\(clip)")
                for modality in modalities {
                    rows.tokens[modality.name, default: []] += (0..<modality.length).map { Int32((clip + $0) % 7) }
                }
            }
            splits[split] = rows
        }
        try TokenSetWriter.write(
            to: "\(folder)/set.h5", modalities: modalities, labels: [String](repeating: "a", count: 6), splits: splits,
            tokenizerHashes: [:],
            provenance: Provenance(source: "synthetic", credit: "", options: [:], ffmpeg: "", createdBy: "tests"))
        set = try TokenSet.open("\(folder)/set.h5")
    }

    /// What a listener has heard, and how often the device had been waited for then.
    final class Record: TrainingListener {
        var events: [TrainingEvent] = []
        var waits: [Int] = []
        var steps: [TrainingEvent.Step] { events.compactMap { if case .step(let step) = $0 { step } else { nil } } }
        private let device: EmulatedDevice?

        init(_ device: EmulatedDevice?) { self.device = device }

        func handle(_ event: TrainingEvent) -> TrainingEvent? {
            events.append(event)
            if case .step = event { waits.append(device?.waits ?? 0) }
            return nil
        }
    }

    struct Training {
        let record: Record
        let state: TrainingState
        let error: (any Error)?
    }

    func train(
        _ backend: any Backend, _ changes: [String: JSONValue] = [:], device: EmulatedDevice? = nil,
        weightDecay: Double? = nil, lossScale: Int32? = nil, communicator: any Communicator = SoloCommunicator()
    ) throws -> Training {
        let base: [String: JSONValue] = [
            "tokens": .string("set"), "subset": .string("image+audio"), "dim": .int(16), "enc_depth": .int(1),
            "dec_depth": .int(1), "head_dim": .int(8), "batch_size": .int(2),
            "input_tokens_range": .array([.int(2), .int(6)]), "target_tokens_range": .array([.int(2), .int(6)]),
            "total_tokens": .int(144), "eval_every_tokens": .int(10_000), "checkpoint_every_tokens": .int(10_000),
            "eval_clips": .int(2), "lr": .double(0.01), "warmup_tokens": .int(24),
        ]
        let settings = try TrainingSettings(config: base.merging(changes) { $1 })
        let model = Nano4M(try settings.modelConfiguration(modalities), seed: 1, backend: backend)
        if let lossScale { try #require(model.lossScaler?.restore([lossScale, 0]) == true) }
        var optimizer = settings.optimizer
        if let weightDecay { optimizer.weightDecay = weightDecay }
        let decay = settings.options.emaDecay
        let state = TrainingState(
            model: model, optimizer: AdamWOptimizer(model, settings: optimizer),
            average: decay > 0 ? WeightAverage(model, decay: decay) : nil)
        let record = Record(device)
        var loop = TrainingLoop(
            state: state,
            batches: try BatchStream(
                tokens: set, masker: settings.masker(modalities, of: set, seed: 0), batchSize: settings.batchSize,
                seed: 0),
            evaluator: try Evaluator(tokens: set, modalities: modalities, settings: settings), settings: settings,
            position: TrainingPosition(), listeners: [record], communicator: communicator, stopSignal: { nil })
        do {
            _ = try loop.run()
            return Training(record: record, state: state, error: nil)
        } catch {
            return Training(record: record, state: state, error: error)
        }
    }

    @Test(
        "Steps follow each other without waiting, and tell what the CPU's do",
        arguments: [(Precision.float32, 1e-4, 1e-3), (.float16, 0.01, 0.05)])
    func steps(precision: Precision, tolerance: Double, normTolerance: Double) throws {
        let device = EmulatedDevice()
        let tested = try train(CUDABackend(device, precision: precision), device: device)
        let reference = try train(CPUBackend(threads: 1))
        #expect(tested.error == nil && tested.record.steps.count == 6)
        for (own, other) in zip(tested.record.steps, reference.record.steps) {
            #expect(own.step == other.step && own.tokensSeen == other.tokensSeen)
            #expect(abs(own.loss - other.loss) < tolerance)
            #expect(abs(own.gradientNorm - other.gradientNorm) < normTolerance)
        }
        // Between the first step and the evaluation after the last.
        #expect(Set(tested.record.waits.dropLast()).count == 1)
        tested.state.model.backend.finish()
        let (own, other) = (tested.state.model.parameters.values, reference.state.model.parameters.values)
        // Six steps of 0.01 at most.
        #expect(zip(own.floats, other.floats).allSatisfy { abs($0 - $1) < max(Float(tolerance), 0.03) })
    }

    @Test("A step that fails is named though another was begun", arguments: [0, 48])
    func failure(warmup: Int) throws {
        let device = EmulatedDevice()
        // The first step whose rate is not 0 takes the weights where the next one's products overflow.
        let config: [String: JSONValue] = [
            "lr": .double(100), "clip_grad": .int(0), "warmup_tokens": .int(Int64(warmup)),
        ]
        let tested = try train(CUDABackend(device), config, device: device, weightDecay: 1e30)
        let reference = try train(CPUBackend(threads: 1), config, weightDecay: 1e30)
        func failed(_ record: Record) -> TrainingEvent.NonFinite? {
            if case .nonFinite(let failure)? = record.events.last { failure } else { nil }
        }
        let (own, other) = (try #require(failed(tested.record)), try #require(failed(reference.record)))
        #expect(own.step == other.step && own.batch == other.batch && own.diagnosis == other.diagnosis)
        #expect(tested.record.steps.map(\.step) == reference.record.steps.map(\.step))
        #expect("\(try #require(tested.error))" == "\(try #require(reference.error))")
    }
}
