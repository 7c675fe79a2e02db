import ArgumentParser
import Experiment
import Output
import TrackerClient
import TrackerOperations

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look for what is wrong with the tracker, and say what to do.",
        discussion: """
            Reads every file that the record names. The exit code is 1 when a problem is left.

              tracker doctor
              tracker doctor --repair
              tracker doctor --format json
            """)

    @Flag(help: "Mend what can be mended without losing anything.")
    var repair = false

    @Option(help: "How to print the findings: table, json or csv.")
    var format = OutputFormat.table

    func run() async throws {
        var findings = try await withOpenDatabase(migrates: false) {
            try await Doctor(database: $0, home: SagaHome(), repairs: repair).examine()
        }
        if let note = Self.reachability() { findings.append(note) }
        let table = Table(
            columns: ["severity", "code", "finding", "remedy"],
            rows: findings.map { finding in
                [
                    .text(finding.isRepaired ? "repaired" : finding.severity.rawValue), .text(finding.code),
                    .text(finding.message), .text(finding.remedy),
                ]
            })
        try printRows(findings, as: format, table: table, csv: table)
        let open = findings.filter { $0.severity == .problem && !$0.isRepaired }
        if open.isEmpty { return printNote("nothing is wrong") }
        throw ExitCode(1)
    }

    /// A tracker that is not running is no fault of it.
    private static func reachability() -> Finding? {
        let address = TrackerAddress()
        do {
            let answer = try HTTPClient(address: address, timeout: 5).send(.get, "/health")
            if answer.status == 200 { return nil }
            return Finding(
                severity: .problem, code: "server_answers_oddly",
                message: "\(address.url) answers with status \(answer.status)", remedy: "check SAGA_URL")
        } catch {
            return Finding(
                severity: .note, code: "server_down", message: "no tracker answers at \(address.url)",
                remedy: "start one with 'tracker serve' when it is needed")
        }
    }
}
