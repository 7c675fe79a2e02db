import ArgumentParser
import Training

struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Trains a model on a token set; goes on from the newest checkpoint of the run's directory.",
        discussion: """
            Example:
              echo '{"directory": "/tmp/first", "config": {"tokens": "demo", "subset": "image+audio", "dim": 128, \
            "enc_depth": 2, "dec_depth": 2, "batch_size": 16, "total_tokens": 2000000}}' > run.json
              trainer train --settings run.json --tracker none
            """)

    @OptionGroup var options: StageOptions

    func run() throws {
        StopSignal.install()
        let code = StageRunner.run(
            settingsPath: options.settings, stage: "train", tracker: options.address
        ) { run, logger in
            try TrainStage.run(run, logger: logger, device: options.device, precision: options.precision)
        }
        throw ExitCode(code)
    }
}
