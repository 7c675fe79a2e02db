import ArgumentParser

@main
struct Trainer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trainer",
        abstract: "Makes token sets from clips, and does one run: trains a model, or generates with one.",
        discussion: """
            Exit codes: 0 done, 2 the settings or the data cannot be used (starting again is useless), 1 any other \
            failure, 143 or 130 stopped by SIGTERM or Ctrl-C with a checkpoint to go on from.
            """,
        version: "0.1.0",
        subcommands: [
            PrepareCommand.self, TrainCommand.self, GenerateCommand.self, MaskingCommand.self, VerifyCommand.self,
            DescribeCommand.self, BenchCommand.self, KernelsCommand.self,
        ])
}
