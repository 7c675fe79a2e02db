import ArgumentParser
import Experiment
import Output
import SweepDefinition
import TrackerClient

struct ExtendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "extend",
        abstract: "Adds values or trials to a sweep, running or finished; only what is new will run.",
        discussion: """
            Name more values with --values, or write them into the sweep's file and give that: trials that the sweep has \
            stay as they are. With --trials the sweep may have so many trials more, where they are drawn or 'run_cap' \
            bounds them. A sweeper that works on the sweep takes up what is new; else start one: 'sweeper run demo'.

            EXAMPLES
              sweeper extend demo --values temperature=0.3,0.5
              sweeper extend demo --values lr=1e-3 --values optimizer.name=adam,lion
              sweeper extend demo Sweeps/demo.yaml
              sweeper extend search --trials 20
            """)

    @Argument(help: "Name or id of the sweep; a name means its newest.")
    var sweep: String

    @Argument(help: "The sweep's file with more values.")
    var file: String?

    @Option(
        help: ArgumentHelp(
            "More values of a parameter, written as in a YAML list; may be given for several parameters.",
            valueName: "parameter=values"))
    var values: [String] = []

    @Option(help: "So many trials more.")
    var trials: Int?

    func validate() throws {
        guard file != nil || trials != nil || !values.isEmpty else {
            throw ValidationError("give --values PARAMETER=VALUES, a FILE with more values, or --trials N")
        }
        guard file == nil || values.isEmpty else {
            throw ValidationError("give either a FILE or --values, not both")
        }
        if let trials, trials < 1 { throw ValidationError("--trials must be at least 1, not \(trials)") }
        _ = try additions()
    }

    func run() async throws {
        let client = SweepClient(address: TrackerAddress())
        let summary = try await client.sweep(sweep)
        let (text, file) = try await definition(of: summary, client)
        let answer = try await client.extend(
            sweep: summary.id, ExtendRequest(definition: text, file: file, trials: trials))
        let count = answer.addedTrials
        printNote(
            "added \(count) \(count == 1 ? "trial" : "trials")"
                + (answer.addedStages > 0 ? ", \(answer.addedStages) stages to run" : "") + "; "
                + SweepStatus.sentence(answer.sweep))
    }

    /// The definition with more values, and its file's name; nil where only the number of trials grows.
    private func definition(of sweep: SweepSummary, _ client: SweepClient) async throws -> (String?, String?) {
        if let file { return (try SweepFile.read(file), file) }
        guard !values.isEmpty else { return (nil, nil) }
        let now = try await client.definition(sweep: sweep.id)
        let file = now.file ?? sweep.name
        return (try Definition.adding(additions(), to: now.definition, file: file), file)
    }

    /// `--values` taken apart.
    private func additions() throws -> [(name: String, values: [JSONValue])] {
        try values.map { word in
            guard let equals = word.firstIndex(of: "="), equals > word.startIndex else {
                throw ValidationError("--values takes PARAMETER=VALUES, as temperature=0.3,0.5, not '\(word)'")
            }
            let name = String(word[..<equals])
            do {
                return (name, try Definition.values(String(word[word.index(after: equals)...]), of: name))
            } catch let error as SweepDefinitionError {
                throw ValidationError(error.description)
            }
        }
    }
}
