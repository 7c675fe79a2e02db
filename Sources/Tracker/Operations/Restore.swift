package import Experiment
import Foundation
import Migrations
import Postgres
package import TrackerStore

/// Takes a backup back.
package enum Restore {
    /// The archive is unpacked and checked before anything is changed. What was there is put aside and comes back if
    /// the database cannot be restored; with success it is removed.
    ///
    /// - Throws: ``OperationError`` where the tracker holds something already and `force` is false.
    package static func read(
        from path: String, database: Database, home: SagaHome, force: Bool = false
    ) async throws {
        if !force, try await !isEmpty(database.store, home: home) {
            throw OperationError(
                "not_empty", "this tracker holds runs, sweeps or files already; --force replaces all of it")
        }
        try FileManager.default.createDirectory(atPath: home.path, withIntermediateDirectories: true)
        let folder = home.path + "/restore-\(RunID.random())"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let manifest = try ArchiveReader.unpack(path, into: folder)
        guard manifest.schema <= embeddedMigrations.count else {
            throw OperationError("too_new", "the backup is of a newer tracker; use the newer program")
        }
        try await restore(folder + "/" + BackupManifest.database, to: database)
        for name in BackupManifest.folders + [BackupManifest.secret] {
            try? FileManager.default.removeItem(atPath: home.path + "/" + name)
            if manifest.entries.keys.contains(where: { $0 == name || $0.hasPrefix(name + "/") }) {
                try FileManager.default.moveItem(atPath: folder + "/" + name, toPath: home.path + "/" + name)
            }
        }
    }

    private static func isEmpty(_ store: TrackerStore, home: SagaHome) async throws -> Bool {
        let folders = BackupManifest.folders.map { home.path + "/" + $0 }
        guard folders.allSatisfy({ (try? FileManager.default.contentsOfDirectory(atPath: $0))?.isEmpty ?? true }) else {
            return false
        }
        return try await store.isEmpty
    }

    /// Old tables wait in a schema of their own until the new ones are there.
    private static func restore(_ dump: String, to database: Database) async throws {
        let connection = try await PostgresConnection.connect(to: database.address)
        do {
            try await connection.execute(unsafeSQL: "drop schema if exists before_restore cascade")
            try await connection.execute(
                unsafeSQL: "begin; alter schema public rename to before_restore; create schema public; "
                    + "grant usage on schema public to public; commit")
            do {
                try await PostgresTools(address: database.address).restore(from: dump)
                try await Database.migrate(database.address)
            } catch {
                try await connection.execute(
                    unsafeSQL: "begin; drop schema public cascade; alter schema before_restore rename to public; commit"
                )
                throw error
            }
            try await connection.execute(unsafeSQL: "drop schema before_restore cascade")
            await connection.close()
        } catch {
            await connection.close()
            throw error
        }
    }
}
