import ArgumentParser
import Experiment
import Output
import TrackerStore

struct Console: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print what a run printed.",
        discussion: """
            Lines that the run wrote to standard error go there here too.

              tracker console u2pcubkl
              tracker console u2pcubkl --tail 20 --follow
            """)

    @Argument(help: "The run: its id.")
    var run: String

    @Option(help: "Only the last lines, so many.")
    var tail: Int?

    @Flag(name: .shortAndLong, help: "Wait for more until the run is over.")
    var follow = false

    private static let page = 10_000

    func run() async throws {
        try await withDatabase { store in
            let id = try await store.run(called: run).id
            var next: Int64 = 0
            if let tail {
                let lines = try await store.consoleTail(run: id, limit: max(0, tail))
                show(lines)
                next = lines.last.map { $0.line + 1 } ?? 0
            }
            while true {
                // Before the lines, so that none can come between the last look at them and the end.
                let isOver = try await store.run(id).state.isFinal
                let lines = try await store.consoleLines(run: id, from: next, limit: Self.page)
                show(lines)
                next = lines.last.map { $0.line + 1 } ?? next
                if lines.count == Self.page { continue }
                guard follow, !isOver else { return }
                try await Task.sleep(for: .milliseconds(500))
            }
        }
    }

    private func show(_ lines: [ConsoleLine]) {
        for line in lines { line.isError ? printNote(line.text) : printOutput(Terminal.printable(line.text)) }
    }
}
