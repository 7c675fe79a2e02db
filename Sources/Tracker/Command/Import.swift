import ArgumentParser

struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring runs along that other trackers recorded.",
        subcommands: [ImportWandb.self, ImportMLflow.self])
}
