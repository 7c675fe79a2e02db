import ArgumentParser
import Output

@main
struct Sweeper: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweeper",
        abstract: "Expands a sweep file into runs and works through them.",
        discussion: """
            EXAMPLES
              sweeper plan Sweeps/demo.yaml             what would run?
              sweeper run Sweeps/demo.yaml --slots 2    run it, two trainers at a time
              sweeper status demo                       how far is it?

            A sweep that was interrupted, by Ctrl-C or by a crash, goes on with the same `sweeper run FILE`.

            ENVIRONMENT
              SAGA_URL    the tracker (default http://127.0.0.1:7242)
              SAGA_TOKEN  its token, where it asks for one
              SAGA_HOME   where runs keep their files (default .saga)
            """,
        version: "0.1.0",
        subcommands: [PlanCommand.self, RunCommand.self, StatusCommand.self])

    static func main() async { await runAsMain() }
}
