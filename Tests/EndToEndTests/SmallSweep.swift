import Experiment
import Foundation
import Synchronization

/// A sweep that ends in seconds: 2 subsets x 2 maskings are 4 trainings, 2 temperatures make 8 generations.
enum SmallSweep {
    static let trainings = 4
    static let generations = 8

    /// `totalTokens` sets how long a training lasts.
    static func definition(
        totalTokens: Int, name: String = "small", subsets: String = "image+audio, image+pseudo-depth+audio",
        maskings: String = "uniform, balanced", temperatures: String = "0, 1.0"
    ) -> String {
        """
        name: \(name)
        project: e2e
        method: grid
        metric: {name: probe/image_given_audio, goal: minimize}
        parameters:
          tokens: {value: small}
          subset: {values: [\(subsets)]}
          masking: {values: [\(maskings)]}
          temperature: {values: [\(temperatures)]}
          dim: {value: 32}
          head_dim: {value: 16}
          enc_depth: {value: 1}
          dec_depth: {value: 1}
          batch_size: {value: 4}
          input_tokens_range: {value: [8, 32]}
          target_tokens_range: {value: [8, 32]}
          total_tokens: {value: \(totalTokens)}
          eval_every_tokens: {value: \(totalTokens / 4)}
          checkpoint_every_tokens: {value: \(totalTokens / 8)}
          eval_clips: {value: 4}
          lr: {value: 0.003}
          generation_clips: {value: 2}
          generation_steps: {value: 4}
          seed: {value: 7}
        stages:
          - name: train
          - name: generate
            reads: [temperature, generation_clips, generation_steps]
        """
    }

    /// Tokens of a few synthetic clips. They are made once: it is most of what a short test would take.
    static func prepare(in laboratory: Laboratory) async throws {
        let tokens = SagaHome(path: try await prepared.value).tokenSets
        try FileManager.default.copyItem(atPath: tokens, toPath: SagaHome(path: laboratory.home).tokenSets)
    }

    /// Where that was done.
    private static let prepared = Task {
        let laboratory = try Laboratory()
        leftover.withLock { $0 = laboratory.home }
        atexit { SmallSweep.leftover.withLock { path in _ = try? FileManager.default.removeItem(atPath: path) } }
        let outcome = try await laboratory.run(
            "trainer", "prepare", "--source", "synthetic", "--name", "small", "--clips", "12", "--vocabulary", "32",
            "--audio-vocabulary", "16", "--patch", "32", "--audio-codebooks", "4")
        guard outcome.code == 0 else { throw Laboratory.Failure("prepare: \(outcome.errors)") }
        return laboratory.home
    }

    private static let leftover = Mutex("")
}
