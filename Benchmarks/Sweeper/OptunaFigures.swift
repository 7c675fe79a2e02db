import Foundation

/// What the peer's script measured.
struct OptunaFigures: Decodable {
    var version: String
    /// Median milliseconds of one `ask`, with 10,000 trials in memory.
    var tpe: Double
    var random: Double

    static func measure(python: String, peer: String) throws -> OptunaFigures {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = [peer, "\(SearchMeasurements.trials)"]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return try JSONDecoder().decode(OptunaFigures.self, from: data)
    }

    func add(to rows: inout [SweeperMeasurement]) {
        FileHandle.standardError.write(Data("Optuna \(version)\n".utf8))
        for index in rows.indices {
            if rows[index].name.contains("by tpe") { rows[index].peer = tpe }
            if rows[index].name.contains("by random") { rows[index].peer = random }
        }
    }
}
