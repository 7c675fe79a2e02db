/// A sweep that ends in seconds: 2 subsets x 2 maskings are 4 trainings, 2 temperatures make 8 generations.
enum SmallSweep {
    static let trainings = 4
    static let generations = 8

    /// `totalTokens` sets how long a training lasts.
    static func definition(totalTokens: Int) -> String {
        """
        name: small
        project: e2e
        method: grid
        metric: {name: probe/image_given_audio, goal: minimize}
        parameters:
          tokens: {value: small}
          subset: {values: [image+audio, image+pseudo-depth+audio]}
          masking: {values: [uniform, balanced]}
          temperature: {values: [0, 1.0]}
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

    /// Tokens of a few synthetic clips.
    static func prepare(in laboratory: Laboratory) async throws {
        let outcome = try await laboratory.run(
            "trainer", "prepare", "--source", "synthetic", "--name", "small", "--clips", "12", "--vocabulary", "32",
            "--audio-vocabulary", "16", "--patch", "32", "--audio-codebooks", "4")
        guard outcome.code == 0 else { throw Laboratory.Failure("prepare: \(outcome.errors)") }
    }
}
