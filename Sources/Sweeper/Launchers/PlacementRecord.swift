import Experiment
import Foundation
import SweepScheduler

/// Lies beside a run's settings on this machine: where its last attempt worked, so that a sweeper which finds it alive
/// takes its room, and how often memory ran out, so that the next sweeper gives it as much room as this one would.
struct PlacementRecord: Codable {
    var placement: Placement
    var isolation: Int
    /// Where the attempt's output begins in the file.
    var outputStart: UInt64?

    private static func path(_ directory: String) -> String { directory + "/placement.json" }

    static func read(_ directory: String) -> PlacementRecord? {
        FileManager.default.contents(atPath: path(directory))
            .flatMap { try? JSONCoding.decode(PlacementRecord.self, from: $0) }
    }

    func write(_ directory: String) throws {
        try JSONCoding.encode(self).write(to: URL(filePath: PlacementRecord.path(directory)), options: .atomic)
    }
}
