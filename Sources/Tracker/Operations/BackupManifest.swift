import Experiment
import FoundationEssentials

/// `manifest.json`, the last entry of a backup: what there is, and that it is whole.
struct BackupManifest: Codable {
    static let format = 1
    static let name = "manifest.json"
    static let database = "database.dump"
    static let secret = "blob-secret"
    /// Folders of `SAGA_HOME` whose files belong to the record.
    static let folders = ["files", "artifacts"]

    struct File: Codable {
        var bytes: Int
        var sha256: String
    }

    var format = BackupManifest.format
    var created: Date
    /// Migrations that the database had.
    var schema: Int
    var entries: [String: File] = [:]

    /// Whether a backup may hold an entry of that name; nothing that is unpacked lies elsewhere.
    static func isAllowed(_ name: String) -> Bool {
        if [manifest, database, secret].contains(name) { return true }
        let parts = name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        return parts.count == 2 && folders.contains(String(parts[0])) && RelativePath(String(parts[1])) != nil
    }

    private static let manifest = BackupManifest.name
}
