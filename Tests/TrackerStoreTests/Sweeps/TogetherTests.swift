import Experiment
import Postgres
import TestSupport
import Testing

@testable import TrackerStore

/// Claims and reports that share a statement; see ``Gathering``.
@Suite("Claims and reports together", .timeLimit(.minutes(2)))
struct TogetherTests {
    /// Asks in this order, and nothing is answered before all have asked: each lane has one question, what else is asked
    /// is answered together. `count` says how many have asked.
    private func together<Answer: Sendable>(
        _ store: TrackerStore, _ asks: [@Sendable () async throws -> Answer],
        count: @escaping @Sendable () -> Int
    ) async throws -> [Result<Answer, any Error>] {
        var tasks: [Task<Answer, any Error>] = []
        let door = Task {
            try await store.pool.withTransaction { connection in
                try await connection.execute(unsafeSQL: "lock table stages in access exclusive mode")
                // Called off: the door opens.
                while !Task.isCancelled { await Task.yield() }
            }
        }
        let held = """
            select from pg_locks where mode = 'AccessExclusiveLock' and relation = 'stages'::regclass and granted
            """
        while try await store.pool.query("\(unsafeSQL: held)").isEmpty { await Task.yield() }
        for (index, ask) in asks.enumerated() {
            tasks.append(Task { try await ask() })
            while count() != index + 1 { await Task.yield() }
        }
        door.cancel()
        _ = try await door.value
        var answers: [Result<Answer, any Error>] = []
        for task in tasks { answers.append(await task.result) }
        return answers
    }

    /// In how many transactions the rows got to be as they are.
    private func transactions(_ store: TrackerStore, _ keys: [String]) async throws -> Int? {
        try await store.pool.query("select count(distinct xmin::text) from stages where key = any(\(keys))").first?
            .decode(as: Int.self)
    }

    private func request(_ pid: Int32, lease: Double, limit: Int?) -> ClaimRequest {
        ClaimRequest(
            claimant: ProcessIdentity(host: "h", pid: pid, startTicks: 1), leaseSeconds: lease, limit: limit)
    }

    @Test("Claims: each gets what it asked for in its own name, who came last the rest, what waited in one transaction")
    func claims() async throws {
        try await withScratchStore { store in
            _ = try await store.createSweep(plan: gridPlan(8))
            let place = try await store.sweepPlace(idOrName: "sweep", project: nil)
            // Two lanes: the first two are answered alone.
            let requests = [
                request(1, lease: 100, limit: nil), request(1, lease: 100, limit: nil),
                request(2, lease: 200, limit: 2), request(3, lease: 300, limit: 3), request(4, lease: 400, limit: 5),
                request(5, lease: 500, limit: nil),
            ]
            let answers = try await together(
                store, requests.map { request in { try await store.claim(in: place, request) } },
                count: { store.claims.count(about: place.number) })
            let keys = try answers.map { try $0.get().claims.map(\.stageKey) }
            #expect(keys.joined().sorted() == (0..<8).map { "k\($0)" })
            #expect(keys.prefix(2).allSatisfy { $0.count <= 1 })
            // In the order of asking, for as long as there are any: whether a lane that is late still finds one is luck.
            let together = Array(keys.dropFirst(2).joined())
            #expect(together == together.sorted())
            var left = together.count
            let expected = [2, 3, 5, 1].map { limit in
                defer { left -= min(limit, left) }
                return min(limit, left)
            }
            #expect(keys.dropFirst(2).map(\.count) == expected)
            for (answer, request) in zip(answers, requests) {
                let claims = try answer.get().claims
                #expect(claims.allSatisfy { $0.claimant == request.claimant && $0.fence == 1 && $0.attempt == 1 })
                let seconds = request.leaseSeconds
                #expect(claims.allSatisfy { ($0.leaseLeft ?? 0) <= seconds && ($0.leaseLeft ?? 0) > seconds - 90 })
            }
            #expect(try await transactions(store, together) == 1)
            #expect(try await transactions(store, Array(keys.joined())) == 1 + keys.prefix(2).count { !$0.isEmpty })
            let stages = try await store.stages(sweep: "sweep")
            let held = Dictionary(stages.map { ($0.key, $0.claim?.claimant.pid) }, uniquingKeysWith: { $1 })
            for (keys, request) in zip(keys, requests) {
                #expect(keys.allSatisfy { held[$0] == request.claimant.pid })
            }
            let error = try await #require(throws: StoreError.self) {
                try await store.claim(in: place, request(6, lease: -1, limit: nil))
            }
            #expect(error.kind == .invalidRecord)
        }
    }

    @Test("Reports: each is held against its own fence and gets its own answer, all in one transaction")
    func reports() async throws {
        try await withScratchStore { store in
            let claims = try await claimed(6, store)
            let place = try await store.sweepPlace(idOrName: "sweep", project: nil)
            let stale = StageReport(fence: 7, event: .succeeded)
            let said: [(String, StageReport)] = [
                ("k0", StageReport(fence: 1, event: .succeeded)), ("k1", StageReport(fence: 1, event: .succeeded)),
                ("k2", stale), ("k3", StageReport(fence: 1, event: .heartbeat(leaseSeconds: 600))), ("none", stale),
                ("k4", StageReport(fence: 1, event: .failed(message: "broken", retry: false))),
                // Once more, because the answer was lost.
                ("k1", StageReport(fence: 1, event: .succeeded)),
            ]
            let answers = try await say(said, place, store)
            #expect(try answers[1].get() == StageReportResponse(claim: nil))
            #expect(kind(answers[2]) == .staleFence)
            #expect(try (answers[3].get().claim?.leaseLeft ?? 0) > 500)
            #expect(kind(answers[4]) == .unknownStage)
            #expect(try answers[5].get().claim == nil)
            #expect(try answers[6].get() == StageReportResponse(claim: nil))
            #expect(
                try await store.stages(sweep: "sweep").map(\.state)
                    == [.done, .done, .claimed, .claimed, .failed, .claimed])
            #expect(try await transactions(store, ["k1", "k3", "k4"]) == 1)
            #expect(try await store.run(claims[4].run).state == .crashed)
        }
    }

    @Test("A report that the database does not take is refused, and those that came with it are noted")
    func refused() async throws {
        try await withScratchStore { store in
            _ = try await claimed(4, store)
            let place = try await store.sweepPlace(idOrName: "sweep", project: nil)
            let answers = try await say(
                [
                    ("k0", StageReport(fence: 1, event: .succeeded)), ("k1", StageReport(fence: 1, event: .succeeded)),
                    ("k2", StageReport(fence: 1, event: .failed(message: "a\0b", retry: false))),
                    ("k3", StageReport(fence: 1, event: .succeeded)),
                ], place, store)
            #expect(throws: PostgresError.self) { try answers[2].get() }
            for index in [0, 1, 3] { #expect(try answers[index].get() == StageReportResponse(claim: nil)) }
            #expect(try await store.stages(sweep: "sweep").map(\.state) == [.done, .done, .claimed, .done])
        }
    }

    @Test("Claimers of several stages each, all at once: every stage once, and nobody more than asked for")
    func crowd() async throws {
        try await withScratchStore { store in
            _ = try await store.createSweep(plan: gridPlan(120))
            let keys = try await withThrowingTaskGroup(of: [String].self) { group in
                for claimer in 1...8 {
                    group.addTask {
                        var keys: [String] = []
                        while case let claims = try await store.next(limit: claimer), !claims.isEmpty {
                            #expect(claims.count <= claimer)
                            keys += claims.map(\.stageKey)
                            for claim in claims { try await store.say(claim, .succeeded) }
                        }
                        return keys
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(keys.sorted() == gridPlan(120).stages.map(\.key).sorted())
            #expect(try await store.sweep(idOrName: "sweep").state == .finished)
        }
    }

    @Test("A sweep that was found by its id and then deleted is unknown again")
    func deleted() async throws {
        try await withScratchStore { store in
            let id = try await store.createSweep(plan: gridPlan(1)).sweep.id
            let place = try await store.sweepPlace(idOrName: id, project: "p")
            #expect(try await store.sweepPlace(idOrName: id, project: nil) == place)
            let hidden = try await #require(throws: StoreError.self) {
                try await store.sweepPlace(idOrName: id, project: "q")
            }
            #expect(hidden.kind == .unknownSweep)
            try await store.pool.query("delete from sweeps")
            let claim = try await #require(throws: StoreError.self) { try await store.claim(in: place, claimRequest) }
            let look = try await #require(throws: StoreError.self) {
                try await store.sweepPlace(idOrName: id, project: nil)
            }
            #expect(claim.kind == .unknownSweep && look.kind == .unknownSweep)
        }
    }

    private func claimed(_ count: Int, _ store: TrackerStore) async throws -> [StageClaim] {
        _ = try await store.createSweep(plan: gridPlan(count))
        return try await store.next(limit: count)
    }

    private func say(
        _ said: [(String, StageReport)], _ place: SweepPlace, _ store: TrackerStore
    ) async throws -> [Result<StageReportResponse, any Error>] {
        try await together(
            store, said.map { key, report in { try await store.report(in: place, stageKey: key, report) } },
            count: { store.reports.count(about: place.number) })
    }

    private func kind(_ answer: Result<StageReportResponse, any Error>) -> StoreError.Code? {
        if case .failure(let error as StoreError) = answer { error.kind } else { nil }
    }
}
