import Experiment
import FoundationEssentials
import TestSupport
import Testing
import TrackerStore

/// A grid over `a`, by the list of its values: what is not there yet comes next.
private struct List: SweepSearching {
    var values: [Int64]
    var fillsGaps = true

    var otherMetrics: [String] { [] }

    func next(after runs: [DrawnRun], number: Int) -> [String: JSONValue]? {
        let taken = runs.filter { $0.state != .crashed }.compactMap { $0.config["a"] }
        return values.map(JSONValue.int).first { !taken.contains($0) }.map { ["a": $0] }
    }
}

private func sweep(_ store: TrackerStore, priorRuns: [String] = []) async throws -> DrawnSweep {
    try await store.createDrawnSweep(
        NewDrawnSweep(
            project: "p", name: "g", method: "grid", description: nil, definition: "method: grid", metric: "loss",
            goal: .minimize, variedKeys: ["a"], priorRuns: priorRuns))
}

extension AgentCommand {
    fileprivate var run: (handle: String, a: JSONValue?)? {
        if case .run(let handle, let config) = self { (handle, config["a"]) } else { nil }
    }
}

@Suite("Drawn sweeps", .timeLimit(.minutes(1)))
struct DrawnSweepTests {
    /// As a client of the run tells it.
    private func set(_ state: RunState, _ handle: String, _ store: TrackerStore) async throws {
        let id = try runID(handle)
        _ = try await store.ingest(run: id, batch(from: 1, start(project: "p")))
        if state.isFinal { _ = try await store.ingest(run: id, batch(from: 2, finish(state))) }
    }

    @Test("F9: eight agents at the same instant get each configuration once, and the sweep ends")
    func eightAgents() async throws {
        try await withScratchStore { store in
            let sweep = try await sweep(store)
            let search = List(values: Array(1...20))
            let drawn = try await withThrowingTaskGroup(of: [Int64].self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        let agent = try await store.createAgent(sweep: sweep, host: nil)
                        var values: [Int64] = []
                        while true {
                            let commands = try await store.heartbeat(agent: agent, alive: [], search: search)
                            guard let (handle, a) = commands.first?.run else { return values }
                            if case .int(let value)? = a { values.append(value) }
                            try await set(.finished, handle, store)
                        }
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(drawn.sorted() == Array(1...20))
            #expect(try await store.drawnSweep(sweep.id).runCount == 20)
            let last = try await store.createAgent(sweep: sweep, host: nil)
            #expect(try await store.heartbeat(agent: last, alive: [], search: search) == [.exit])
            #expect(try await store.drawnSweep(sweep.id).state == .finished)
            let summary = try await store.sweep(idOrName: sweep.id)
            #expect(summary.isOver && summary.state == .finished && summary.trials == 20 && summary.trialsDone == 20)
            #expect(summary.drawn == DrawnProgress(method: "grid", state: .finished, runs: ["finished": 20]))
        }
    }

    @Test("An agent with a live run is told nothing new; an answer that was lost is given again")
    func oneAtATime() async throws {
        try await withScratchStore { store in
            let sweep = try await sweep(store)
            let search = List(values: [1, 2])
            let agent = try await store.createAgent(sweep: sweep, host: "h")
            let first = try await store.heartbeat(agent: agent, alive: [], search: search)
            let handle = try #require(first.first?.run?.handle)
            #expect(try await store.heartbeat(agent: agent, alive: [], search: search) == first)
            #expect(try await store.heartbeat(agent: agent, alive: [handle], search: search) == [])
            // What never begins is given up, and not for ever handed out.
            let next = try await store.heartbeat(agent: agent, alive: [], search: search)
            #expect(next.first?.run?.a == .int(2))
            #expect(try await store.run(try runID(handle)).state == .failed)
        }
    }

    @Test("wandb#1787: what a vanished agent never began, and what crashed, is handed out again")
    func lost() async throws {
        try await withScratchStore { store in
            let sweep = try await sweep(store)
            let search = List(values: [1, 2])
            let gone = try await store.createAgent(sweep: sweep, host: nil)
            let past = Date().addingTimeInterval(-TrackerStore.agentTimeout - 1)
            let given = try await store.heartbeat(agent: gone, alive: [], search: search, now: past)
            let agent = try await store.createAgent(sweep: sweep, host: nil)
            let taken = try await store.heartbeat(agent: agent, alive: [], search: search)
            #expect(taken == given)
            let handle = try #require(taken.first?.run?.handle)
            _ = try await store.heartbeat(agent: agent, alive: [handle], search: search)
            try await set(.crashed, handle, store)
            let again = try await store.heartbeat(agent: agent, alive: [], search: search)
            #expect(again.first?.run?.a == .int(1) && again.first?.run?.handle != handle)
        }
    }

    @Test("With nothing left an agent waits for the runs of one that has gone quiet, and takes them over")
    func waits() async throws {
        try await withScratchStore { store in
            let sweep = try await sweep(store)
            let search = List(values: [1])
            let quiet = try await store.createAgent(sweep: sweep, host: nil)
            let now = Date()
            let given = try await store.heartbeat(agent: quiet, alive: [], search: search, now: now)
            let agent = try await store.createAgent(sweep: sweep, host: nil)
            #expect(try await store.heartbeat(agent: agent, alive: [], search: search, now: now) == [.exit])
            let later = now.addingTimeInterval(120)
            #expect(try await store.heartbeat(agent: agent, alive: [], search: search, now: later) == [])
            #expect(try await store.drawnSweep(sweep.id).state == .running)
            let last = now.addingTimeInterval(301)
            #expect(try await store.heartbeat(agent: agent, alive: [], search: search, now: last) == given)
        }
    }

    @Test("A run that was to stop and is gone without a word was killed; one that said how it ended keeps its word")
    func stops() async throws {
        try await withScratchStore { store in
            let sweep = try await sweep(store)
            let search = List(values: [1, 2, 3])
            let agent = try await store.createAgent(sweep: sweep, host: nil)
            for (end, state) in [(nil, RunState.killed), (RunState.failed, .failed)] {
                let commands = try await store.heartbeat(agent: agent, alive: [], search: search)
                let handle = try #require(commands.first?.run?.handle)
                try await set(.running, handle, store)
                #expect(try await store.heartbeat(agent: agent, alive: [handle], search: search) == [])
                try await store.requestStop(handles: [handle], sweep: sweep)
                for _ in 0..<2 {
                    #expect(
                        try await store.heartbeat(agent: agent, alive: [handle], search: search)
                            == [.stop(handle: handle)])
                }
                if let end { try await set(end, handle, store) }
                _ = try await store.heartbeat(agent: agent, alive: [], search: search)
                #expect(try await store.run(try runID(handle)).state == state)
            }
        }
    }

    @Test("Paused hands out nothing, canceled stops what runs, finished lets it end")
    func states() async throws {
        try await withScratchStore { store in
            let sweep = try await sweep(store)
            let search = List(values: [1, 2, 3])
            let agent = try await store.createAgent(sweep: sweep, host: nil)
            try await store.setState(.paused, sweep: sweep)
            #expect(try await store.heartbeat(agent: agent, alive: [], search: search) == [])
            try await store.setState(.running, sweep: sweep)
            let commands = try await store.heartbeat(agent: agent, alive: [], search: search)
            let handle = try #require(commands.first?.run?.handle)
            try await set(.running, handle, store)
            try await store.setState(.finished, sweep: sweep)
            #expect(try await store.heartbeat(agent: agent, alive: [handle], search: search) == [])
            try await store.setState(.canceled, sweep: sweep)
            #expect(
                try await store.heartbeat(agent: agent, alive: [handle], search: search) == [.stop(handle: handle)])
            #expect(try await store.heartbeat(agent: agent, alive: [], search: search) == [.exit])
            #expect(try await store.run(try runID(handle)).state == .killed)
        }
    }

    @Test("A search sees the best and the latest of history and summary, and curves only as far as they compare")
    func values() async throws {
        try await withScratchStore { store in
            _ = try await store.ingest(
                run: try runID("old"),
                batch(
                    from: 1, start(project: "p", config: ["a": .int(7)]), row(0, ["loss": 3]), row(1, ["loss": .nan]),
                    row(2, ["loss": 5]), row(3, ["loss": 4]), finish()))
            _ = try await store.ingest(
                run: try runID("young"),
                batch(from: 1, start(project: "p"), row(0, ["loss": 9]), row(1, ["other": 1])))
            let sweep = try await sweep(store, priorRuns: ["old", "young"])
            let runs = try await store.drawnRuns(sweep)
            #expect(runs.map(\.handle) == ["old", "young"])
            #expect(runs[0].minimum == 3 && runs[0].maximum == 5 && runs[0].latest == 4)
            #expect(runs[0].config == ["a": .int(7)] && runs[0].state == .finished && runs[1].state == .running)
            #expect(try await store.drawnSweep(sweep.id).best == 3)
            let curves = try await store.drawnCurves(sweep, metric: "loss", asFarAs: ["old"])
            #expect(curves.map(\.values) == [[3, 5, 4], [9]])
            #expect(try await store.drawnCurves(sweep, metric: "none", asFarAs: ["old"]) == [])
        }
    }

    @Test("An agent of a deleted sweep is unknown; the runs stay")
    func deleted() async throws {
        try await withScratchStore { store in
            let sweep = try await sweep(store)
            let agent = try await store.createAgent(sweep: sweep, host: nil)
            let commands = try await store.heartbeat(agent: agent, alive: [], search: List(values: [1]))
            let handle = try #require(commands.first?.run?.handle)
            try await store.deleteDrawnSweep(sweep)
            let error = await #expect(throws: StoreError.self) {
                try await store.heartbeat(agent: agent, alive: [], search: List(values: [1]))
            }
            #expect(error?.kind == .unknownAgent)
            #expect(try await store.run(try runID(handle)).sweep == nil)
        }
    }
}
