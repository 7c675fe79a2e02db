import Foundation
import Synchronization
import Testing

@Suite("F2: the sweeper dies, for real, at each point")
struct SweeperDeathTests {
    /// What it was saying to the tracker when it was killed, and whether the tracker had heard it.
    struct Point: Sendable, CustomTestStringConvertible {
        var state: String
        /// In the path, or in the body, of the request.
        var words: String
        var moment: Crossing.Moment
        /// The first attempt of each configuration fails.
        var fails = false

        var testDescription: String { state }
        var name: String { state.filter(\.isLetter) }
    }

    private static let points = [
        Point(state: "claim asked for", words: "/claims", moment: .before),
        Point(state: "claimed", words: "/claims", moment: .after),
        Point(state: "launching, not said", words: "launching", moment: .before),
        Point(state: "launching", words: "launching", moment: .after),
        Point(state: "spawned, not recorded", words: "started", moment: .before),
        Point(state: "running", words: "started", moment: .after),
        Point(state: "exited, not recorded", words: "succeeded", moment: .before),
        Point(state: "exited, recorded", words: "succeeded", moment: .after),
        Point(state: "retry decided, not recorded", words: "failed", moment: .before, fails: true),
        Point(state: "retry decided", words: "failed", moment: .after, fails: true),
    ]

    @Test("F2: the next sweeper adopts what lives and believes what ended; each configuration runs as often as it must")
    func points() async throws {
        let laboratory = try Laboratory()
        defer { laboratory.remove() }
        try await laboratory.withTracker { laboratory in
            // They wait more than they work, so they wait together.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for point in Self.points { group.addTask { try await die(at: point, in: laboratory) } }
                try await group.waitForAll()
            }
        }
    }

    private func die(at point: Point, in laboratory: Laboratory) async throws {
        let program = try CountedProgram(
            in: laboratory, name: point.name, count: 4,
            body: point.fails ? "[ $n -gt 1 ] || exit 3; sleep 0.5" : "sleep 1.5", keys: "retry: {attempts: 2}")
        let victim = Mutex<Background?>(nil)
        let deaths = Atomic(0)
        let crossing = try Crossing(to: #require(laboratory.trackerPort)) { request, moment in
            guard deaths.load(ordering: .relaxed) == 0 else { return false }
            guard moment == point.moment, request.path.contains(point.words) || request.body.contains(point.words),
                request.method == "POST", request.path.contains("/sweeps/")
            else { return true }
            // Both slots may be saying it at once; it dies of the first.
            guard deaths.compareExchange(expected: 0, desired: 1, ordering: .relaxed).exchanged else { return false }
            victim.withLock { $0?.signal(SIGKILL) }
            return false
        }
        defer { crossing.close() }
        let first = try laboratory.setting("SAGA_URL", to: crossing.url)
            .start("sweeper", "run", program.file, "--slots", "2", log: point.name + ".log")
        victim.withLock { $0 = first }
        let code = try await first.waitForExit(within: .seconds(60))
        #expect(code == SIGKILL && deaths.load(ordering: .relaxed) == 1, "\(point.state): it was to be killed")

        let second = try await laboratory.run("sweeper", "run", program.file, "--slots", "2")
        #expect(second.code == 0, "\(point.state): \(second.errors)")
        #expect(second.errors.contains("4 of 4 trials done"), "\(point.state): \(second.errors)")
        // The script's own words: nothing was started twice that had started, and nothing was forgotten.
        let starts = point.fails ? 2 : 1
        #expect(program.starts == [1: starts, 2: starts, 3: starts, 4: starts], "\(point.state): \(second.errors)")
        #expect(program.ends == [1: 1, 2: 1, 3: 1, 4: 1], "\(point.state)")
        #expect(program.processes.isEmpty, "\(point.state): something is left")
    }
}
