import Dataset
import Experiment
import Tensor
import Testing

@testable import Training
@testable import Transformer

@Suite("Evaluations")
struct EvaluatorTests {
    private func report(_ losses: [Double?], _ counts: [Int]) -> LossReport {
        LossReport(loss: 0, modalityLoss: losses, targetCounts: counts, inputCounts: counts)
    }

    @Test("A mean over batches is that of all their tokens; a modality without any counts 0 and keeps its share")
    func mean() {
        var mean = LossMean(modalities: 3)
        mean.add(report([2, 8, nil], [3, 1, 0]))
        mean.add(report([6, nil, nil], [1, 0, 0]))
        #expect(mean.byModality == [3, 8, nil])
        #expect(mean.loss(perModalityAverage: true) == 11.0 / 3)
        #expect(mean.loss(perModalityAverage: false) == 4)
        #expect(mean.loss(perModalityAverage: true, weights: [0.25, 0.5, 0.25]) == 4.75)
    }

    @Test("The size of batches changes nothing, nor does the run's seed")
    func batches() throws {
        let workshop = try Workshop()
        let tokens = try TokenSet.open(workshop.tokenSet)
        func metrics(_ changes: [String: JSONValue]) throws -> [String: Double] {
            let settings = try TrainingSettings(config: workshop.config(changes))
            let modalities = try settings.modalities(of: tokens)
            let model = Nano4M(try settings.modelConfiguration(modalities), seed: 1)
            var place = 0
            model.parameters.values.floats.indices.forEach {
                place = (place * 31 + 7) % 101
                model.parameters.values.floats[$0] += Float(place - 50) / 1000
            }
            let evaluator = try Evaluator(tokens: tokens, modalities: modalities, settings: settings)
            return try #require(try evaluator.evaluate(model))
        }
        let whole = try metrics(["batch_size": 8, "eval_clips": 8])
        let parts = try metrics(["batch_size": 3, "eval_clips": 8, "seed": 7])
        #expect(Set(whole.keys) == Set(parts.keys) && whole.count == 5)
        for (name, value) in whole { #expect(abs(value - (parts[name] ?? 0)) < 1e-5 * value, "\(name)") }
        #expect(try metrics(["batch_size": 8, "eval_clips": 4])["[Eval]/loss"] != whole["[Eval]/loss"])
    }
}
