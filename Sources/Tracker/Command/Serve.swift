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
              tracker serve --host 0.0.0.0 --auth --allowed-host tracker.example.org
            """)

    @Option(help: "Address to listen on; one that is not the machine's own needs --auth.")
    var host = "127.0.0.1"

    @Flag(help: "Require a token for every request; see 'tracker token'.")
    var auth = false

    @Option(
        name: .customLong("allowed-host"),
        help: ArgumentHelp("A name that clients call the tracker by, without port; may be repeated.", valueName: "name")
    )
    var allowedHosts: [String] = []

    @Option(help: "Port to listen on; 0 takes any free one. (default: the port of SAGA_URL, else 7242)")
    var port: Int?

    @Option(help: "Seconds of silence after which a run of a W&B client has crashed.")
    var crashAfter = 300.0

    @Option(
        help: "Least severe messages to log: trace, debug, info, notice, warning, error or critical.",
        transform: Self.level)
    var logLevel = Logger.Level.notice

    @Option(help: "How to write the log: text or json (an object a line).")
    var logFormat = LogFormat.text

    enum LogFormat: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
    }

    func run() async throws {
        let format = logFormat
        LoggingSystem.bootstrap { label in
            switch format {
            case .text: StreamLogHandler.standardError(label: label)
            case .json: JSONLogHandler()
            }
        }
        var logger = Logger(label: "tracker")
        logger.logLevel = logLevel
        let home = SagaHome()
        let port = port ?? URLComponents(string: TrackerAddress().url)?.port ?? 7242
        var options = ServerOptions(port: port)
        options.host = host
        options.requiresTokens = auth
        options.allowedHosts = allowedHosts
        options.crashSeconds = max(1, crashAfter)
        raiseDescriptorLimit()
        try await withOpenDatabase { [options, logger] database in
            let server = try TrackerServer(store: database.store, home: home, options: options, logger: logger)
            let keeper = Task { await database.keepServerRunning { logger.warning("\($0)") } }
            defer { keeper.cancel() }
            try await server.run(stopsOnSignals: true) { url in printOutput("listening on \(url)") }
        }
    }

    /// Every connection needs a descriptor, and the usual soft limit of 1024 is for programs that use `select`.
    private func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = min(limit.rlim_max, 65536)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    private static func level(_ name: String) throws -> Logger.Level {
        guard let level = Logger.Level(rawValue: name) else {
            throw ValidationError("There is no log level '\(name)'; the least talkative is critical.")
        }
        return level
    }
}
