import ArgumentParser

@main
struct Sweeper: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "sweeper")
}
