import Output
import ArgumentParser
import Experiment
import Foundation
import Logging
import TrackerServer
import TrackerStore

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve the tracker's HTTP interface to sweepers and trainers.",
        discussion: """
            Prints one line, 'listening on URL', when it is ready, and stops on SIGTERM or Ctrl-C. Logs go to standard
            error.

              tracker serve
              tracker serve --port 0 --log-level warning
            """)

    @Option(help: "Address to listen on; only the machine's own are allowed.")
    var host = "127.0.0.1"

    @Option(help: "Port to listen on; 0 takes any free one. (default: the port of SAGA_URL, else 7242)")
    var port: Int?

    @Option(
        help: "Least severe messages to log: trace, debug, info, notice, warning, error or critical.",
        transform: Self.level)
    var logLevel = Logger.Level.notice

    func run() async throws {
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        var logger = Logger(label: "tracker")
        logger.logLevel = logLevel
        let home = SagaHome()
        let port = port ?? URLComponents(string: TrackerAddress().url)?.port ?? 7242
        try await withDatabase { store in
            let server = try TrackerServer(store: store, home: home, host: host, port: port, logger: logger)
            try await server.run(stopsOnSignals: true) { url in printOutput("listening on \(url)") }
        }
    }

    private static func level(_ name: String) throws -> Logger.Level {
        guard let level = Logger.Level(rawValue: name) else {
            throw ValidationError("There is no log level '\(name)'; the least talkative is critical.")
        }
        return level
    }
}
