import ArgumentParser
import Experiment
import Output
import TrackerStore

struct Compact: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Merge small pieces of runs' histories into full ones.",
        discussion: """
            'tracker serve' does this all the while; this command does it now and gives the space back. Safe while runs
            log and servers serve.

              tracker compact
              tracker compact --run 3k2j1h0g
            """)

    @Option(help: "Only this run.")
    var run: String?

    func run() async throws {
        let report = try await withDatabase { store in
            let compactor = Compactor(store: store)
            var number: Int32?
            if let run {
                guard let id = RunID(rawValue: run) else {
                    throw CommandError("bad_run_id", "'\(run)' is no run id; see 'tracker runs'")
                }
                number = try await store.number(of: id)
            }
            let report = try await compactor.compact(run: number)
            try await compactor.vacuum()
            return report
        }
        printOutput("merged \(report.segmentsBefore) segments into \(report.segmentsAfter)")
    }
}
