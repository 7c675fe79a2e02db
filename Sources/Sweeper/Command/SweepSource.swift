import Experiment
import Foundation
import Output
import TrackerClient

/// What `sweeper run` was told to run: a sweep file, or a sweep that the tracker has already.
struct SweepSource {
    /// As a person named it.
    let word: String
    /// The definition.
    let text: String
    /// The name of its file, for messages.
    let file: String
    /// What the tracker has; nil for a file, which makes or finds its sweep.
    private let known: SweepSummary?

    /// A file wherever there is one: a sweep is looked for only by a word that can be no path.
    static func find(_ word: String, _ client: SweepClient) async throws -> SweepSource {
        let isFile = FileManager.default.fileExists(atPath: word) || word.contains("/") || word.contains(".")
        guard !isFile else { return SweepSource(word: word, text: try SweepFile.read(word), file: word, known: nil) }
        do {
            let sweep = try await client.sweep(word)
            guard sweep.drawn == nil else {
                throw CommandError(
                    "drawn_by_agents", "the runs of '\(word)' are drawn by agents: start 'wandb agent \(sweep.id)'")
            }
            let definition = try await client.definition(sweep: sweep.id)
            return SweepSource(
                word: word, text: definition.definition, file: definition.file ?? sweep.name, known: sweep)
        } catch let error as TrackerClientError where error.code == "unknown_sweep" {
            throw CommandError(
                "unreadable_file", "there is no file '\(word)', and the tracker has no sweep of that name")
        }
    }

    /// The sweep: the one that was named or that the definition has already, else a new one. Who asks for a sweep that
    /// ended with failures wants them tried again: the cause may be mended by now.
    func open(new: Bool, _ client: SweepClient) async throws -> CreateSweepResponse {
        guard let known, !new else {
            return try await client.create(CreateSweepRequest(definition: text, file: file, new: new))
        }
        guard known.isOver else { return CreateSweepResponse(sweep: known, created: false) }
        let answer = try await client.retry(sweep: known.id, RetryRequest())
        return CreateSweepResponse(sweep: answer.sweep, created: false)
    }
}
