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
              trainer train --settings run.json --device cuda --ranks 4     # four GPUs
              srun -n 8 --gpus-per-task 1 trainer train --settings run.json --device cuda
            """)

    @OptionGroup var options: StageOptions
    @Option(help: "Processes that train together on this machine, each on a GPU of its own (default: SAGA_RANKS or 1).")
    var ranks: Int?

    func run() throws {
        StopSignal.install()
        let code = RankedTraining.run(
            settingsPath: options.settings, tracker: options.address, ranks: ranks
        ) { run, logger, seat in
            try TrainStage.run(run, logger: logger, device: options.device, precision: options.precision, seat: seat)
        }
        throw ExitCode(code)
    }
}
