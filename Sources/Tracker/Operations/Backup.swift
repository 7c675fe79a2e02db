package import Experiment
package import Foundation
import Migrations
import Postgres
package import TrackerStore

/// A tracker's whole record in one archive: database, files and the secret behind signed addresses.
///
/// The tracker may be running. The database is taken in one snapshot, and the files after it: a run's file is there
/// before the database knows of it, so that every file that the backup's database names is in the backup.
package enum Backup {
    /// Answers how many files there are in it beside the database.
    @discardableResult
    package static func write(to path: String, database: Database, home: SagaHome, now: Date = .now) async throws -> Int
    {
        let archive = try ArchiveWriter(path: path)
        let dump = path + ".database.part"
        defer { unlink(dump) }
        guard FileManager.default.createFile(atPath: dump, contents: nil, attributes: [.posixPermissions: 0o600]) else {
            throw OperationError.unwritable(path)
        }
        try await PostgresTools(address: database.address).dump(to: dump)
        try archive.add(BackupManifest.database, file: dump)
        let files = BackupManifest.folders.flatMap { folder in
            names(in: home.path + "/" + folder).map { folder + "/" + $0 }
        }
        for name in files where BackupManifest.isAllowed(name) {
            do {
                try archive.add(name, file: home.path + "/" + name)
            } catch let error as OperationError where error.code == "cannot_read" {
                // Deleted meanwhile, or a link, which is nobody's file.
                continue
            }
        }
        let secret = home.path + "/" + BackupManifest.secret
        if FileManager.default.fileExists(atPath: secret) { try archive.add(BackupManifest.secret, file: secret) }
        let manifest = BackupManifest(created: now, schema: embeddedMigrations.count, entries: archive.entries)
        try archive.add(BackupManifest.name, try JSONCoding.encode(manifest))
        try archive.finish()
        return manifest.entries.count - 1
    }

    /// Paths of plain files below a folder, sorted. Unfinished uploads begin with a dot, which no path of ours does.
    private static func names(in folder: String) -> [String] {
        let all = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        return all.filter { name in
            var status = stat()
            return lstat(folder + "/" + name, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        }.sorted()
    }
}
