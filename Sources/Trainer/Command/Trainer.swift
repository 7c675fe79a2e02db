import ArgumentParser

@main
struct Trainer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "trainer", subcommands: [PrepareCommand.self])
}
