import ArgumentParser
import Training

struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Samples modalities of eval clips with a trained model, and measures what came out.",
        discussion: """
            Pictures and sounds go to media/ in the run's directory. What the config says beside "temperature", "top_k"
            (a number, or a share below 1) and "top_p":
              generation_target, generation_condition    what is sampled from what, as image from audio+video
              generation_chain       in place of both: 'label > image > pseudo-depth > audio', each from all before it
              generation_order       roar, maskgit (surest first; gumbel_temperature) or autoregressive
              generation_steps, generation_schedule      constant, linear or cosine; autoregressive goes one by one
                                     with as many steps as there are positions
              temperature_schedule   constant, linear or onex (down to temperature_min)
              guidance_scale         classifier-free guidance, 1 is none
              generation_clips, generation_samples, generation_seed

            Examples:
              echo '{"inputs": {"train": "/tmp/first"}, "directory": "/tmp/first-images", \
            "config": {"generation_target": "image", "temperature": 0.7}}' > run.json
              trainer generate --settings run.json --tracker none

              echo '{"inputs": {"train": "/tmp/joint"}, "directory": "/tmp/joint-chain", "config": \
            {"generation_chain": "audio > image > pseudo-depth", "generation_order": "maskgit", \
            "generation_schedule": "cosine", "guidance_scale": 2, "generation_samples": 3}}' > chain.json
              trainer generate --settings chain.json --tracker none
            """)

    @OptionGroup var options: StageOptions

    func run() throws {
        let code = StageRunner.run(
            settingsPath: options.settings, stage: "generate", tracker: options.address
        ) { run, logger in
            try GenerateStage.run(run, logger: logger, device: options.device, precision: options.precision)
            return nil
        }
        throw ExitCode(code)
    }
}
