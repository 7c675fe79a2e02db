import Experiment
import FoundationEssentials
import Glibc
import Testing
import Training

@Suite("A training")
struct TrainStageTests {
    let workshop: Workshop

    init() throws { workshop = try Workshop() }

    @Test("starts at ln V, learns what is there to learn, and logs it")
    func learns() throws {
        let config = workshop.config(["total_tokens": 81_920, "eval_every_tokens": 40_960])
        #expect(try workshop.run("a", config: config) == 0)
        let rows = try workshop.rows("a")
        let first = try #require(rows.first?.values["[Eval]/loss"])
        #expect(abs(first - log(32)) < 1e-4)
        let last = try #require(rows.last)
        #expect(last.step == 320)
        let loss = try #require(last.values["[Eval]/loss"])
        #expect(loss < 0.5 * log(32), "still \(loss)")
        #expect(try #require(last.values["probe/image_given_audio"]) < 0.5 * log(32))
        #expect(
            Set(last.values.keys) == [
                "[Eval]/loss", "[Eval]/image", "[Eval]/audio", "probe/image_given_audio", "probe/audio_given_image",
                "total_tokens_seen_m",
            ])
        #expect(
            Set(rows[1].values.keys) == ["loss", "image", "audio", "lr", "grad_norm", "total_tokens_seen_m"])
        #expect(rows[1].step == 1)
        #expect(rows[1].values["total_tokens_seen_m"] == 256 / 1e6)
        #expect(rows.filter { $0.values["[Eval]/loss"] != nil }.map(\.step) == [0, 160, 320])
    }

    @Test("leaves its records in order and result.json behind")
    func leaves() throws {
        #expect(try workshop.run("a", config: workshop.config()) == 0)
        let records = try workshop.records("a")
        guard case .start(let start)? = records.first, case .finish(let finish)? = records.last else {
            Issue.record("the log begins with \(String(describing: records.first))")
            return
        }
        #expect(start.jobType == "train" && start.config == workshop.config())
        #expect(finish.state == .finished && finish.exitCode == 0)
        #expect(try workshop.result("a") == StageResult(state: .finished, exitCode: 0, attempt: 1))
        #expect(try workshop.folder.names("a/checkpoints") == ["step-00000009", "step-00000010"])
    }

    @Test("stopped at a step and resumed computes what it would have computed in one go", arguments: [4, 5, 6])
    func resumes(step: Int) throws {
        let config = workshop.config()
        #expect(try workshop.run("whole", config: config) == 0)
        #expect(try workshop.run("cut", config: config, stopAfter: step) == 143)
        #expect(
            try workshop.result("cut")
                == StageResult(state: .killed, exitCode: 143, attempt: 1, message: "stopped by signal 15"))
        #expect(try workshop.run("cut", config: config, attempt: 2) == 0)
        #expect(try workshop.result("cut").attempt == 2)
        let rows = try workshop.rows("cut") + workshop.rows("cut", attempt: 2)
        #expect(try rows == workshop.rows("whole"))
        #expect(try workshop.weights("cut") == workshop.weights("whole"))
    }

    @Test("stopped right after an evaluation does not evaluate again")
    func resumesAfterEvaluation() throws {
        let config = workshop.config()
        #expect(try workshop.run("whole", config: config) == 0)
        #expect(try workshop.run("cut", config: config, stopAfterEvaluationAt: 4) == 143)
        #expect(try workshop.rows("cut").last?.values["[Eval]/loss"] != nil)
        #expect(try workshop.run("cut", config: config, attempt: 2) == 0)
        let rows = try workshop.rows("cut") + workshop.rows("cut", attempt: 2)
        #expect(try rows == workshop.rows("whole"))
    }

    @Test("takes each step at the schedule's rate for it, the first at 0")
    func rates() throws {
        let config = workshop.config()
        #expect(try workshop.run("a", config: config) == 0)
        let schedule = try TrainingSettings(config: config).schedule
        let rates = try workshop.rows("a").compactMap { $0.values["lr"] }
        #expect(rates == (0..<10).map(schedule.rate(at:)) && rates[0] == 0 && rates[1] == 0.03)
    }

    @Test("killed while it wrote a checkpoint goes on from the one before")
    func survivesTornCheckpoint() throws {
        let config = workshop.config(["keep_best": 0])
        #expect(try workshop.run("whole", config: config) == 0)
        #expect(try workshop.run("cut", config: config, stopAfter: 5) == 143)
        let torn = "\(workshop.directory("cut"))/checkpoints/step-00000005/state.safetensors"
        #expect(truncate(torn, 1000) == 0)
        #expect(try workshop.run("cut", config: config, attempt: 2) == 0)
        #expect(try workshop.rows("cut", attempt: 2).first?.step == 4)
        #expect(try workshop.weights("cut") == workshop.weights("whole"))
    }

    @Test("does not go on from a checkpoint of another model")
    func otherCheckpoint() throws {
        #expect(try workshop.run("a", config: workshop.config()) == 0)
        #expect(try workshop.run("a", config: workshop.config(["dim": 64]), attempt: 2) == 2)
        #expect(try #require(workshop.result("a").message).contains("has dim 32 where the settings say 64"))
    }

    @Test("whose loss is no number stops, names the cause and is not tried again")
    func nonFinite() throws {
        let config = workshop.config(["lr": 100, "warmup_tokens": 0, "clip_grad": 0, "weight_decay": 100])
        #expect(try workshop.run("a", config: config) == 2)
        let message = try #require(workshop.result("a").message)
        #expect(message.contains("is not a finite number at step"))
        #expect(message.contains("try a lower lr"))
        let last = try #require(workshop.rows("a").last)
        #expect(last.values["loss"].map { !$0.isFinite } ?? false)
        guard case .finish(let finish)? = try workshop.records("a").last else {
            Issue.record("no finish record")
            return
        }
        #expect(finish.state == .failed && finish.message == message)
    }

    @Test("asks every run the same probes, whatever its masking and seed")
    func sameProbes() throws {
        let untrained: [String: JSONValue] = ["total_tokens": 256, "eval_every_tokens": 256, "warmup_tokens": 0]
        let other = untrained.merging(["masking": "uniform", "subset": "joint", "batch_size": 8]) { $1 }
        #expect(try workshop.run("a", config: workshop.config(untrained)) == 0)
        #expect(try workshop.run("b", config: workshop.config(other)) == 0)
        for clip in ["eval-0", "eval-1"] {
            let probes = [Array(Workshop.modalities.prefix(3)), [Workshop.modalities[0], Workshop.modalities[2]]]
                .map { modalities in
                    Probe.all(of: modalities).first { $0.metric == "probe/audio_given_image" }?.positions(clip: clip)
                }
            let positions = try #require(probes[0])
            #expect(try positions == #require(probes[1]))
            #expect(positions.given == Array(0..<16))
            #expect(Set(positions.asked).count == 64)
        }
        let names = try workshop.rows("b").flatMap(\.values.keys).filter { $0.hasPrefix("probe/") }
        #expect(Set(names).count == 6)
    }
}
