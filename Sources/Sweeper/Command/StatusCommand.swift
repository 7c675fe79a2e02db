import ArgumentParser
import Experiment
import Output
import TrackerClient

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows the sweeps of the tracker, or how far one of them is.",
        discussion: """
            With --watch it shows on until the sweep is over: what runs, the best value, the time left. The tracker tells \
            of changes as they happen; where it cannot, it is asked every --interval seconds. Exit code with --watch: 0 when \
            all went well, 1 when something failed or the sweep was canceled.

            EXAMPLES
              sweeper status
              sweeper status demo
              sweeper status demo --watch
              sweeper status demo --format csv > stages.csv
            """)

    @Argument(help: "Name or id of a sweep; without it all sweeps are listed (with --watch: the newest is shown).")
    var sweep: String?

    @Option(
        help: "How to print: table, json or csv. json and csv have every stage, table those at work or failed.")
    var format = OutputFormat.table

    @Flag(name: .shortAndLong, help: "Show it on until it is over.")
    var watch = false

    @Option(help: "Seconds between two looks of --watch, where the tracker does not tell of changes by itself.")
    var interval = 2.0

    func validate() throws {
        guard (0.1...3600).contains(interval) else {
            throw ValidationError("--interval must be from 0.1 to 3600 seconds, not \(interval)")
        }
        guard !watch || format == .table else {
            throw ValidationError("--watch shows a table; leave --format out, or ask again and again without --watch")
        }
    }

    func run() async throws {
        let client = SweepClient(address: TrackerAddress())
        if watch {
            let chosen = try await chosen(client)
            let events = SweepEvents(sweep: chosen.id)
            events.follow(TrackerAddress(), project: chosen.project)
            defer { events.stop() }
            let end = try await SweepWatch(
                client: client, sweep: chosen.id, interval: interval, events: events
            ).run()
            if end.state != .finished { throw ExitCode(1) }
            return
        }
        guard let sweep else {
            let sweeps = try await client.sweeps()
            if sweeps.isEmpty, format == .table { return printNote(StatusCommand.none) }
            return try printTable(SweepStatus.table(of: sweeps), as: format)
        }
        let summary = try await client.sweep(sweep)
        try SweepStatus(sweep: summary, stages: try await client.stages(sweep: summary.id)).print(format)
    }

    private static let none = "the tracker has no sweeps yet; start one with 'sweeper run FILE'"

    private func chosen(_ client: SweepClient) async throws -> SweepSummary {
        if let sweep { return try await client.sweep(sweep) }
        guard let newest = try await client.sweeps().first else {
            throw CommandError("no_sweeps", StatusCommand.none)
        }
        return newest
    }
}
