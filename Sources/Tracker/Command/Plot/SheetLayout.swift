import Output
import Experiment
import Foundation
import TrackerStore

/// Puts the pictures of runs in the rows and columns that their configs say.
struct SheetLayout {
    var rows: [String]
    var columns: [String]
    var key: String
    /// Which of a run's pictures, in the order of their paths.
    var picture: Int

    private static let truthTitle = "truth"

    func sheet(
        title: String, runs: [RunSummary], files: [StoredFile], read: (StoredFile) -> [UInt8]?
    ) throws -> PictureSheet {
        let configs = Dictionary(runs.map { ($0.id, $0.config) }, uniquingKeysWith: { first, _ in first })
        let shown = chosen(files.filter { $0.file.key == key }).filter { configs[$0.run] != nil }
        guard !shown.isEmpty else {
            throw CommandError(
                "no_pictures",
                "no run of this sweep logged a picture number \(picture) as '\(key)'; "
                    + "'tracker runs' tells what has run")
        }
        let truths = Dictionary(
            chosen(files.filter { $0.file.key == key + "_truth" }).map { ($0.run, $0) }, uniquingKeysWith: { $1 })
        func labels(_ run: RunID, _ keys: [String]) -> [JSONValue] {
            keys.map { configs[run]?[$0] ?? .null }
        }
        let rowValues = sorted(unique(shown.map { labels($0.run, rows) }))
        let columnValues = sorted(unique(shown.map { labels($0.run, columns) }))
        let byPlace = Dictionary(
            shown.map { (labels($0.run, rows) + labels($0.run, columns), $0) }, uniquingKeysWith: { first, _ in first })

        let cells = rowValues.map { row -> [PNG?] in
            let generated = columnValues.map { byPlace[row + $0].flatMap(read).flatMap(PNG.init) }
            guard !truths.isEmpty else { return generated }
            let truth = shown.first { labels($0.run, rows) == row && truths[$0.run] != nil }.flatMap { truths[$0.run] }
            return [truth.flatMap(read).flatMap(PNG.init)] + generated
        }
        return PictureSheet(
            title: title, rowKeys: rows.joined(separator: ", "), columnKeys: columns.joined(separator: ", "),
            rows: rowValues.map(name),
            columns: (truths.isEmpty ? [] : [Self.truthTitle]) + columnValues.map(name), cells: cells)
    }

    /// One picture of each run: of its last attempt and latest step, the one that was asked for.
    private func chosen(_ files: [StoredFile]) -> [StoredFile] {
        unique(files.map(\.run)).compactMap { run in
            let own = files.filter { $0.run == run }
            guard let latest = own.map({ ($0.attempt, $0.file.step) }).max(by: { $0 < $1 }) else { return nil }
            let candidates = own.filter { ($0.attempt, $0.file.step) == latest }
                .sorted { $0.file.path.compare($1.file.path, options: .numeric) == .orderedAscending }
            return candidates.indices.contains(picture) ? candidates[picture] : nil
        }
    }

    private func name(_ values: [JSONValue]) -> String {
        values.map { $0 == .null ? "–" : $0.label }.joined(separator: ", ")
    }

    /// Numbers by size, texts in the order in which they came.
    private func sorted(_ values: [[JSONValue]]) -> [[JSONValue]] {
        values.enumerated().sorted { left, right in
            for (a, b) in zip(left.element, right.element) {
                if let a = a.number, let b = b.number, a != b { return a < b }
            }
            return left.offset < right.offset
        }.map(\.element)
    }
}
