import Experiment

/// A step from one shape of the database to the next: a file `NNNN_name.sql`.
package struct Migration: Sendable, Hashable {
    /// Counts from 1 without gaps.
    package let number: Int
    package let name: String
    package let sql: String

    package var checksum: String { SHA256.hex(sql) }

    /// - Parameter file: the file's name without its ending, as `0001_runs`.
    package init(file: String, sql: String) throws(PostgresError) {
        let parts = file.split(separator: "_", maxSplits: 1)
        guard parts.count == 2, parts[0].count == 4, let number = Int(parts[0]), number > 0 else {
            throw PostgresError(.migration, "the migration '\(file)' must be called NNNN_name.sql, as 0001_runs.sql")
        }
        self.number = number
        self.name = String(parts[1])
        self.sql = sql
    }
}
