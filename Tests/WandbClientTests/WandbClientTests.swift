import Foundation
import SystemPackage
import Testing

@Suite("W&B's own client")
struct WandbClientTests {
    /// Each says in its first line what it does. Those with a number are the fact sheet's, unchanged.
    private static let scripts = [
        WandbScript(name: "t01_basic_run"),
        WandbScript(name: "t05_console_sysmetrics"), WandbScript(name: "t07_read_api"), WandbScript(name: "media"),
        WandbScript(name: "resume"), WandbScript(name: "offline_sync"), WandbScript(name: "many_metrics"),
        WandbScript(name: "gzip_stream"), WandbScript(name: "t06_sweeps"), WandbScript(name: "artifacts"),
        WandbScript(name: "hyperband"), WandbScript(name: "agents"),
    ]

    @Test("Its scripts run as they are, several at the same time, and it has nothing to complain of")
    func scripts() async throws {
        try await TrackerProcess.run { tracker in
            let url = await tracker.url
            try await withThrowingTaskGroup(of: WandbScript.Outcome.self) { group in
                var waiting = Self.scripts[...]
                func start() {
                    guard let script = waiting.popFirst() else { return }
                    group.addTask { try await script.run(against: url) }
                }
                for _ in 0..<3 { start() }
                for try await outcome in group {
                    expectSuccess(outcome)
                    start()
                }
            }
        }
    }

    @Test(
        "Programs that log with it are trials of our sweeper; its agents draw from our sweeps, each configuration once")
    func sweeper() async throws {
        let sweeper =
            FilePath(try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            .removingLastComponent().string + "/sweeper"
        try await TrackerProcess.run { tracker in
            let url = await tracker.url
            try await withThrowingTaskGroup(of: WandbScript.Outcome.self) { group in
                for name in ["sweeper_program", "sweeper_and_agents", "literal_arguments"] {
                    let script = WandbScript(name: name, environment: ["SWEEPER": sweeper])
                    group.addTask { try await script.run(against: url) }
                }
                for try await outcome in group { expectSuccess(outcome) }
            }
        }
    }

    @Test("It stops when asked, and a run that has vanished is taken for crashed")
    func failAndStop() async throws {
        // Alone, for it gives its processes four seconds to begin. The tracker takes a run for crashed after 40 s, and
        // looks every 10 s.
        let script = WandbScript(name: "t02_fail_and_stop", environment: ["CHECK_CRASH_S": "52"])
        try await TrackerProcess.run { tracker in expectSuccess(try await script.run(against: tracker.url)) }
    }

    @Test("F4, F6: a tracker that is killed twice in the middle of a run has every row once")
    func trackerDown() async throws {
        try await TrackerProcess.run { tracker in
            async let running = WandbScript(name: "server_down").run(against: tracker.url)
            for silence in [1, 6] {
                try await Task.sleep(for: .seconds(6))
                await tracker.kill()
                try await Task.sleep(for: .seconds(silence))
                try await tracker.start()
            }
            let outcome = try await running
            // It says that it tries again, as it should.
            #expect(outcome.code == 0, "\(outcome.text.suffix(3000))")
        }
    }

    private func expectSuccess(_ outcome: WandbScript.Outcome) {
        #expect(outcome.code == 0, "\(outcome.name): \(outcome.text.suffix(3000))")
        #expect(outcome.complaints.isEmpty, "\(outcome.name): \(outcome.complaints)")
    }
}
