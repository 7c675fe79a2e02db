package import Experiment
package import Foundation
import Migrations
package import TrackerStore

/// Looks for what is wrong with a tracker, and mends what can be mended without losing anything.
package struct Doctor: Sendable {
    let database: Database
    let home: SagaHome
    let repairs: Bool
    let now: Date

    package init(database: Database, home: SagaHome, repairs: Bool = false, now: Date = .now) {
        self.database = database
        self.home = home
        self.repairs = repairs
        self.now = now
    }

    /// Bytes below which a disk counts as full.
    private static let scarce = 1 << 30
    /// Seconds that two clocks may differ.
    private static let skew = 5.0

    /// The newest migration that the database has decides what else can be looked at.
    package func examine() async throws -> [Finding] {
        var findings = try await server()
        let schema = try await schema()
        findings += schema
        findings += disk()
        guard schema.isEmpty else { return findings }
        findings += try await history()
        findings += try await runs()
        findings += try await files()
        return findings
    }

    func problem(_ code: String, _ message: String, _ remedy: String, isRepaired: Bool = false) -> Finding {
        Finding(severity: .problem, code: code, message: message, remedy: remedy, isRepaired: isRepaired)
    }

    private func server() async throws -> [Finding] {
        let facts = try await database.store.serverFacts()
        var findings: [Finding] = []
        let installed = try await database.installedServerVersion()
        if let installed, installed != facts.version {
            findings.append(
                problem(
                    "server_upgraded",
                    "the database server runs version \(facts.version) and version \(installed) is installed: loading "
                        + "of its extensions can fail",
                    "restart the tracker and everything else that uses the private database"))
        }
        if abs(facts.time.timeIntervalSince(now)) > Self.skew {
            let seconds = Int(abs(facts.time.timeIntervalSince(now)).rounded())
            findings.append(
                problem(
                    "clock_skew", "the database's clock and this machine's differ by \(seconds) s",
                    "synchronise both clocks (NTP)"))
        }
        if let recorded = facts.collationRecorded, let actual = facts.collationActual, recorded != actual {
            findings.append(
                problem(
                    "collation_changed",
                    "indexes were built with version \(recorded) of the system's collation, which is now \(actual)",
                    "run 'reindex database' and 'alter database ... refresh collation version'"))
        }
        if facts.isReadOnly {
            findings.append(
                problem(
                    "read_only", "the database takes no changes (default_transaction_read_only)",
                    "set it off, or connect to the primary server"))
        }
        return findings
    }

    private func schema() async throws -> [Finding] {
        let known = embeddedMigrations.count
        let applied = try await database.store.appliedMigrations()
        if applied > known {
            return [
                problem(
                    "schema_newer", "the database has \(applied) migrations and this program knows \(known)",
                    "use the newer program")
            ]
        }
        if applied < known {
            return [
                problem(
                    "schema_older", "the database has \(applied) of \(known) migrations",
                    "start 'tracker serve', which applies the rest; make a backup first")
            ]
        }
        return []
    }

    private func disk() -> [Finding] {
        var status = statvfs()
        guard statvfs(home.path, &status) == 0 else { return [] }
        let free = Int(status.f_bavail) * Int(status.f_frsize)
        guard free < Self.scarce else { return [] }
        return [
            problem(
                "disk_full", "\(home.path) has \(free >> 20) MiB left",
                "free some space, for instance with 'tracker prune'")
        ]
    }

    private func history() async throws -> [Finding] {
        try await database.store.damagedSegments().map { damage in
            problem(
                "damaged_segment", "run \(damage.run): \(damage.count) pieces of its history contradict themselves",
                "restore a backup, or delete the run and send its log again with 'tracker sync'")
        }
    }

    private func runs() async throws -> [Finding] {
        let silent = try await database.store.silentRuns(since: now.addingTimeInterval(-86400))
        if repairs { for run in silent { try await database.store.settle(run) } }
        return silent.map { run in
            problem(
                "silent_run", "run \(run) says it is running, and nothing was heard of it for a day",
                "if its process is gone, --repair marks it as crashed; it goes on if it reports again",
                isRepaired: repairs)
        }
    }
}
