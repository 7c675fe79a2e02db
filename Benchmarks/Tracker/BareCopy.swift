import BenchmarkSupport
import Foundation

/// `psql \copy` of the same points into a table of plain rows with a primary key and without.
struct BareCopy {
    let database: Psql
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
        try database.run("create table bare (run int, metric int, step bigint, time timestamptz, value float8)")
        defer { _ = try? database.run("drop table bare") }
        let time = try seconds { try database.run("\\copy bare from '\(path)' csv") }
        return Double(Self.points) / time
    }
}
