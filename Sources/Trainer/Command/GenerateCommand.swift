import ArgumentParser
import Training

struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Samples one modality of eval clips with a trained model, and measures what came out.",
        discussion: """
            Pictures and sounds go to media/ in the run's directory.

            Example:
              echo '{"inputs": {"train": "/tmp/first"}, "directory": "/tmp/first-images", \
            "config": {"generation_target": "image", "temperature": 0.7}}' > run.json
              trainer generate --settings run.json --tracker none
            """)

    @OptionGroup var options: StageOptions

    func run() throws {
        let code = StageRunner.run(
            settingsPath: options.settings, stage: "generate", tracker: options.address
        ) { run, logger in
            try GenerateStage.run(run, logger: logger)
            return nil
        }
        throw ExitCode(code)
    }
}
