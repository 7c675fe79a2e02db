import Foundation

/// `psql \copy` of the same points into a table of plain rows with a primary key and without.
struct BareCopy {
    let psql: Program
    let address: String
    let folder: String

    private static let points = 1_000_000

    /// Points a second into a bare table.
    func pointsPerSecond() throws -> Double {
        let path = folder + "/copy.csv"
        var text = ""
        for step in 0..<Self.points {
            text += "1,1,\(step),2026-01-01 00:00:00.\(step % 1000),\(Double.random(in: 0..<10))\n"
        }
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try run("create table bare (run int, metric int, step bigint, time timestamptz, value float8)")
        defer { _ = try? run("drop table bare") }
        let time = try seconds { try run("\\copy bare from '\(path)' csv") }
        return Double(Self.points) / time
    }

    /// Runs SQL that the benchmark itself wrote.
    @discardableResult
    func run(_ sql: String) throws -> String {
        try psql.run(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", address, "-c", sql])
    }
}
