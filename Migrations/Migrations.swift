/// The SQL files beside this one, embedded by the build: the file's name without `.sql`, and its text.
///
/// A new migration is a file here, its name in `Package.swift` and a line below (the build's names drop the first
/// digit); a test compares this list with the folder.
package let embeddedMigrations: [(name: String, sql: String)] = [
    ("0001_runs", text(PackageResources._001_runs_sql)),
    ("0002_sweeps", text(PackageResources._002_sweeps_sql)),
    ("0003_history", text(PackageResources._003_history_sql)),
    ("0004_clients", text(PackageResources._004_clients_sql)),
    ("0005_agents", text(PackageResources._005_agents_sql)),
    ("0006_artifacts", text(PackageResources._006_artifacts_sql)),
    ("0007_access", text(PackageResources._007_access_sql)),
    ("0008_stages", text(PackageResources._008_stages_sql)),
    ("0009_search", text(PackageResources._009_search_sql)),
    ("0010_other_metrics", text(PackageResources._010_other_metrics_sql)),
    ("0011_programs", text(PackageResources._011_programs_sql)),
]

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
