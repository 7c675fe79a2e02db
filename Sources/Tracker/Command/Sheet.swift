import Output
import ArgumentParser
import Experiment
import TrackerServer
import TrackerStore

struct Sheet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lay the pictures that a sweep's runs made out on one sheet.",
        discussion: """
            Writes an SVG file that holds the pictures themselves. Where the runs also logged the true pictures, under
            the same key with '_truth' at its end, these are the first column.

              tracker sheet --sweep my-sweep --key generation/image --rows subset,masking --columns temperature \\
                --output generations.svg
            """)

    @Option(help: "Name or id of the sweep.")
    var sweep: String

    @Option(help: "Key that the pictures were logged under.")
    var key: String

    @Option(help: "Config keys that tell rows apart, joined by commas.")
    var rows: KeyList

    @Option(help: "Config keys that tell columns apart, joined by commas.")
    var columns: KeyList

    @Option(help: "Which of a run's pictures to show, counted from 0.")
    var picture = 0

    @Option(help: "SVG file to write.")
    var output: String

    func run() async throws {
        let (runs, files) = try await withDatabase { store in
            (
                try await store.runs(RunFilter(sweep: sweep, limit: 100_000)),
                try await store.files(sweep: sweep, key: key) + store.files(sweep: sweep, key: key + "_truth")
            )
        }
        let layout = SheetLayout(rows: rows.keys, columns: columns.keys, key: key, picture: picture)
        let store = FileStore(root: SagaHome().files)
        let sheet = try layout.sheet(title: "\(key), \(sweep)", runs: runs, files: files) { file in
            RelativePath(file.file.path).flatMap { try? store.read(run: file.run, path: $0) }
        }
        try writeOutputFile(sheet.svg(), to: output)
        printNote("wrote \(output): \(sheet.rows.count) rows, \(sheet.columns.count) columns")
    }
}
