import ArgumentParser
import Output
import SweepDefinition

@main
struct Sweeper: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweeper",
        abstract: "Expands a sweep file into runs and works through them.",
        discussion: """
            EXAMPLES
              sweeper plan Sweeps/demo.yaml             what would run?
              sweeper run Sweeps/demo.yaml --slots 2    run it, two trainers at a time
              sweeper status demo --watch               how far is it?
              sweeper log demo 3 -f                     what does trial 3 print?

            A sweep that was interrupted, by Ctrl-C or by a crash, goes on with the same `sweeper run FILE`.

            EXIT CODES
              0    all is well
              1    something failed
              2    a wrong definition or command line
              130  stopped by Ctrl-C; 143 by SIGTERM

            COMPLETION
              sweeper --generate-completion-script bash     (or zsh, fish)

            ENVIRONMENT
              SAGA_URL    the tracker (default http://127.0.0.1:7242)
              SAGA_TOKEN  its token, where it asks for one
              SAGA_HOME   where runs keep their files (default .saga)
            """,
        version: "0.1.0",
        subcommands: [
            PlanCommand.self, RunCommand.self, StatusCommand.self, LogCommand.self, PauseCommand.self,
            ResumeCommand.self, CancelCommand.self, RetryCommand.self, ExtendCommand.self, GarbageCommand.self,
        ])

    static func main() async {
        await runAsMain { error in error is SweepDefinitionError ? 2 : 1 }
    }
}
