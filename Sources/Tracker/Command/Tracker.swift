import ArgumentParser

@main
struct Tracker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "tracker")
}
