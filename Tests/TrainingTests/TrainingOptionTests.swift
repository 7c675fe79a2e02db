import Dataset
import Experiment
import FoundationEssentials
import Glibc
import Tensor
import Testing
import Transformer

@testable import Training

@Suite("A training with options")
struct TrainingOptionTests {
    let workshop: Workshop

    init() throws { workshop = try Workshop() }

    static let changes: [[String: JSONValue]] = [
        ["optimizer": "muon", "muon_lr": 0.02], ["ema_decay": 0.9], ["grad_accum": 3],
        [
            "use_bias": .bool(true), "overlap_vocab": .bool(false), "overlap_posembs": .bool(false), "mlp": "swiglu",
            "rope": .bool(true), "z_loss": 1e-4, "per_modality_loss_avg": .bool(false), "mlp_ratio": 3,
        ],
    ]

    @Test("stopped and resumed computes what it would have computed in one go", arguments: changes)
    func resumes(changes: [String: JSONValue]) throws {
        let config = workshop.config(changes)
        #expect(try workshop.run("whole", config: config) == 0)
        #expect(try workshop.run("cut", config: config, stopAfter: 5) == 143)
        #expect(try workshop.run("cut", config: config, attempt: 2) == 0)
        #expect(try workshop.rows("cut") + workshop.rows("cut", attempt: 2) == workshop.rows("whole"))
        #expect(try workshop.weights("cut") == workshop.weights("whole"))
        #expect(try workshop.run("plain", config: workshop.config()) == 0)
        #expect(try workshop.rows("plain") != workshop.rows("whole"))
    }

    @Test("is not resumed with another optimizer or without its average", arguments: ["optimizer", "ema"])
    func otherOptimizer(_ key: String) throws {
        #expect(try workshop.run("a", config: workshop.config(), stopAfter: 3) == 143)
        let change: [String: JSONValue] = key == "ema" ? ["ema_decay": 0.5] : ["optimizer": "muon"]
        #expect(try workshop.run("a", config: workshop.config(change), attempt: 2) == 2)
        #expect(try #require(workshop.result("a").message).contains(" has \(key) "))
    }

    @Test("evaluates and samples the averaged weights")
    func average() throws {
        let config = workshop.config(["ema_decay": 0.9999])
        #expect(try workshop.run("a", config: config) == 0)
        let losses = try workshop.rows("a").compactMap { $0.values["[Eval]/loss"] }
        // Ten steps hardly move an average that keeps 0.9999.
        #expect(abs(losses[0] - (losses.last ?? 0)) < 0.02)
        let newest = try #require(CheckpointStore(runDirectory: workshop.directory("a")).whole().first)
        let average = try SafeTensors(contentsOf: newest.average)
        let trained = try TrainedModel.open(workshop.directory("a"))
        for parameter in trained.model.parameters.list {
            #expect(try Array(trained.model.parameters.values(of: parameter)) == average.floats(parameter.name))
        }
        #expect(
            try average.floats("enc_tok_emb.weight")
                != SafeTensors(contentsOf: newest.model).floats("enc_tok_emb.weight"))
    }

    @Test("keeps of its average what ema_decay says, once a step")
    func averageByStep() throws {
        let config = workshop.config(["ema_decay": 0.75, "checkpoint_every_tokens": 256, "keep_last": 20])
        #expect(try workshop.run("a", config: config) == 0)
        let settings = try TrainingSettings(config: config)
        let modalities = try settings.modalities(of: TokenSet.open(workshop.tokenSet))
        let fresh = Nano4M(try settings.modelConfiguration(modalities), seed: 0)
        let name = "enc_tok_emb.weight"
        var expected = Array(fresh.parameters.values(of: try #require(fresh.parameters[name])))
        let checkpoints = CheckpointStore(runDirectory: workshop.directory("a")).whole().reversed()
        #expect(checkpoints.map(\.position.step) == Array(1...10))
        for checkpoint in checkpoints {
            let weights = try SafeTensors(contentsOf: checkpoint.model).floats(name)
            expected = zip(expected, weights).map { 0.75 * $0 + 0.25 * $1 }
            let average = try SafeTensors(contentsOf: checkpoint.average).floats(name)
            let error = zip(average, expected).map { abs($0 - $1) }.max() ?? 1
            #expect(error < 1e-6, "step \(checkpoint.position.step)")
        }
    }

    @Test(
        "begins with weights from a file, a checkpoint's folder or a run",
        arguments: ["", "/checkpoints/step-00000010", "/checkpoints/step-00000010/model.safetensors"])
    func initFrom(_ place: String) throws {
        #expect(try workshop.run("a", config: workshop.config()) == 0)
        let last = try #require(workshop.rows("a").last?.values["[Eval]/loss"])
        let config = workshop.config(["init_from": .string(workshop.directory("a") + place)])
        #expect(try workshop.run("b", config: config, stopAfter: 1) == 143)
        #expect(try workshop.rows("b").first?.values["[Eval]/loss"] == last)
    }

    @Test("refuses weights that do not fit")
    func initFromOther() throws {
        #expect(try workshop.run("a", config: workshop.config()) == 0)
        for (change, sentence): ([String: JSONValue], String) in [
            (["head_dim": 8], "has head_dim 16 where the settings say 8"), (["dim": 64], "is needed"),
            (["rope": .bool(true)], "has rope false where the settings say true"),
        ] {
            let source = ["init_from": JSONValue.string(workshop.directory("a"))]
            #expect(try workshop.run("b", config: workshop.config(change.merging(source) { $1 })) == 2)
            #expect(try #require(workshop.result("b").message).contains(sentence))
        }
        #expect(try workshop.run("b", config: workshop.config(["init_from": "/nowhere"])) == 2)
    }

    @Test("keeps the last and the best checkpoints")
    func keeps() throws {
        // So high a rate that the loss gets worse in the end: the best is not among the last.
        let config = workshop.config([
            "total_tokens": 10_240, "eval_every_tokens": 256, "lr": 1, "warmup_tokens": 8192, "keep_last": 1,
            "keep_best": 2, "checkpoint_every_tokens": 1_000_000,
        ])
        #expect(try workshop.run("a", config: config) == 0)
        let losses = try workshop.rows("a").filter { $0.values["[Eval]/loss"] != nil && $0.step > 0 }
        let best = losses.sorted { ($0.values["[Eval]/loss"] ?? 0, $0.step) < ($1.values["[Eval]/loss"] ?? 0, $1.step) }
        let expected = Set(best.prefix(2).map { Int($0.step) } + [40])
        let store = CheckpointStore(runDirectory: workshop.directory("a"), kept: 1, keptBest: 2)
        #expect(Set(store.whole().map(\.position.step)) == expected)
        #expect(store.best().map(\.position.step) == best.prefix(2).map { Int($0.step) })
        #expect(expected.count == 3, "the best was among the last, so nothing is shown")
    }

    @Test("ends when the metric reaches its target, or has not improved for a while")
    func earlyStop() throws {
        let target = workshop.config(["total_tokens": 102_400, "eval_every_tokens": 256, "early_stop_target": 3.4])
        #expect(try workshop.run("a", config: target) == 0)
        let last = try #require(workshop.rows("a").last)
        #expect(last.step < 400 && last.values["[Eval]/loss"] ?? 9 <= 3.4)
        #expect(CheckpointStore(runDirectory: workshop.directory("a")).whole().first?.position.step == Int(last.step))

        // Without learning no evaluation is better than the first.
        let patience = workshop.config([
            "eval_every_tokens": 256, "early_stop_patience": 3, "lr": 0, "min_lr": 0,
            "early_stop_metric": "probe/image_given_audio",
        ])
        #expect(try workshop.run("b", config: patience, stopAfter: 2) == 143)
        #expect(try workshop.run("b", config: patience, attempt: 2) == 0)
        #expect(try workshop.rows("b", attempt: 2).last?.step == 3)

        // What shall rise and falls has its best first; what shall reach 0.1 from above has done so from the start.
        let rising: [String: JSONValue] = ["early_stop_goal": "maximize", "eval_every_tokens": 256]
        let falls = workshop.config(rising.merging(["early_stop_patience": 2]) { $1 })
        #expect(try workshop.run("d", config: falls) == 0)
        #expect(try workshop.rows("d").last?.step == 2)
        let reached = workshop.config(rising.merging(["early_stop_target": 0.1]) { $1 })
        #expect(try workshop.run("e", config: reached) == 0)
        #expect(try workshop.rows("e").map(\.step) == [0])
        let wrong = workshop.config(["early_stop_goal": "maximise"])
        #expect(try workshop.run("f", config: wrong) == 2)
        #expect(try #require(workshop.result("f").message).contains("did you mean 'maximize'?"))

        let unknown = workshop.config(["early_stop_patience": 3, "early_stop_metric": "probe/image_given_audi"])
        #expect(try workshop.run("c", config: unknown) == 2)
        #expect(try #require(workshop.result("c").message).contains("did you mean 'probe/image_given_audio'?"))
    }

    @Test("that fails leaves the batch, which fails again")
    func batch() throws {
        let config = workshop.config(["lr": 100, "warmup_tokens": 0, "clip_grad": 0, "weight_decay": 100])
        #expect(try workshop.run("a", config: config) == 2)
        let message = try #require(workshop.result("a").message)
        #expect(message.contains("the first that is not finite is "))
        let file = try SafeTensors(contentsOf: "\(workshop.directory("a"))/\(FailureRecorder.fileName)")
        #expect(file.metadata["diagnosis"].map(message.contains) ?? false)
        let batch = try PackedBatch(file: file)
        #expect(batch.sampleCount == 8)
        #expect(batch.target.tokens.count > 0)
    }

    @Test("is asked to end by SIGTERM, SIGINT and SIGUSR1", arguments: [SIGTERM, SIGINT, SIGUSR1])
    func signals(_ number: Int32) throws {
        StopSignal.install()
        defer {
            StopSignal.forget()
            for number in [SIGTERM, SIGINT, SIGUSR1] { signal(number, SIG_DFL) }
        }
        #expect(StopSignal.pending == nil)
        // To the process: the tests' own threads do not take signals.
        #expect(kill(getpid(), number) == 0)
        for _ in 0..<60_000 where StopSignal.pending == nil { usleep(1000) }
        #expect(StopSignal.pending == number)
    }

    @Test(
        "describes its model: parts add up, known sizes are the report's",
        arguments: [
            (ModelSize.joint, 308.3), (.imageDepth, 109.9), (.imageLabel, 153.9),
        ])
    func describes(size: ModelSize, millions: Double) throws {
        let description = try ModelDescription(size.configuration(), TrainingSettings())
        #expect(abs(Double(description.parameters) / 1e6 - millions) < 0.05)
        #expect(description.parts.reduce(0) { $0 + $1.parameters } == description.parameters)
        #expect(description.memory.moments == 8 * description.parameters)
        #expect(description.flopPerStepExpected < 0.55 * description.flopPerStep)
        #expect(description.text.contains(" parameters\n"))
    }

    @Test("costs what its layers cost: the operations of one token by hand")
    func cost() throws {
        let model = try Nano4MConfiguration(
            modalities: [.init(name: "a", vocabularySize: 10, maximumLength: 4)], dim: 4, encoderDepth: 1,
            decoderDepth: 1, headDim: 2, mlpRatio: 2)
        let encoder = 3 * 16 + 16 + 2 * 4 * 8 + 2 * 4, context = 16 + 2 * 16
        let decoder = 3 * 16 + 16 + 16 + 16 + 2 * 4 * 8 + 2 * 4 + 2 * 4, head = 10 * 4
        #expect(
            ModelCost(model).trainingFLOP(lengths: [(1, 1)]) == 6 * Double(encoder + context + decoder + head))
    }
}
