import ArgumentParser
import BenchmarkSupport
import Experiment
import Foundation

@main
struct SweeperBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweeper-bench",
        abstract: "Measure the sweeper, beside Optuna.",
        discussion: "Started by Benchmarks/sweeper, which builds what it needs.")

    enum Part: String, ExpressibleByArgument, CaseIterable {
        case plan, claims, suggestions, slots, trials
    }

    @Option(help: "Python that has Optuna.")
    var python: String

    @Option(help: "The script that measures Optuna.")
    var peer: String

    @Flag(help: "Leave Optuna out.")
    var skipPeer = false

    @Option(help: "Measure only this; may be repeated.")
    var only: [Part] = []

    @Option(help: "table or json.")
    var format = "table"

    func run() async throws {
        let rows = try await Workshop.open(peer: "optuna") { try measure($0) }
        print(try Report.text(rows, peer: "Optuna", format: format))
    }

    private func measure(_ workshop: Workshop) throws -> [Figure] {
        let parts = only.isEmpty ? Part.allCases : only
        let optuna =
            skipPeer
            ? nil
            : Optuna(
                python: Program(path: python, environment: workshop.environment), script: peer,
                storage: "postgresql+psycopg2://saga@/optuna?host=\(try workshop.socket())")
        let server = try Server(workshop.program("tracker"), log: workshop.folder + "/server.log")
        defer { server.stop() }
        var rows: [Figure] = []
        for part in parts {
            note(part.rawValue)
            let new = try measure(part, workshop, server, optuna)
            for row in new { note("  \(row.name): \(row.ours) \(row.unit)") }
            rows += new
        }
        return rows
    }

    private func measure(
        _ part: Part, _ workshop: Workshop, _ server: Server, _ optuna: Optuna?
    ) throws -> [Figure] {
        let address = TrackerAddress(url: server.url)
        switch part {
        case .plan: return try plan(workshop, address)
        case .claims: return try ClaimMeasurements(address: address).run()
        case .suggestions:
            let ours = try SearchMeasurements().run()
            let theirs = try optuna?.search()
            if let theirs { note("Optuna \(theirs.version)") }
            return SearchMeasurements.methods.map { method in
                let peer = method == "tpe" ? theirs?.tpe : method == "random" ? theirs?.random : nil
                return SweeperAim.suggestion(method).row(ours[method] ?? .nan, peer: peer)
            }
        case .slots:
            let database = try workshop.database.number(
                "select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)")
            return try SlotMeasurements(workshop: workshop, server: server, databaseProcess: pid_t(database)).run()
        case .trials: return try DrawMeasurements(workshop: workshop, address: address, optuna: optuna).run()
        }
    }

    private func plan(_ workshop: Workshop, _ address: TrackerAddress) throws -> [Figure] {
        let file = try workshop.write(SweepFiles.grid, to: "grid.yaml")
        var sweeper = workshop.program("sweeper")
        sweeper.environment["SAGA_URL"] = address.url
        let plans = try (0..<5).map { _ in
            try seconds {
                let text = try sweeper.run(["plan", file, "--format", "json"])
                guard text.utf8.count > 1_000_000 else { throw Program.Failure(description: "the plan is '\(text)'") }
            }
        }
        let stores = try (0..<3).map { _ in try seconds { _ = try Claimer.create(SweepFiles.grid, at: address) } }
        return [SweeperAim.plan.row(Samples(plans).median), SweeperAim.store.row(Samples(stores).median)]
    }
}
