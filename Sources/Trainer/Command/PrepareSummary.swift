import Dataset

/// What `trainer prepare` prints at its end: the table on stdout, the rest on stderr.
struct PrepareSummary {
    private let report: PreparationReport

    init(_ report: PreparationReport) { self.report = report }

    func print() {
        for sentence in report.skipped { StandardError.write("skipped: \(sentence)") }
        let clips = "\(report.trainClips) train and \(report.evalClips) eval clips"
        if report.existed {
            StandardError.write("\(report.path) is there already, made with these options: \(clips)")
            return
        }
        let header = ["modality", "tokens", "vocabulary", "eval quality", "fit"]
        let rows = report.rows.map { row in
            [
                row.modality.name, "\(row.modality.length)", "\(row.modality.vocabularySize)", quality(row.quality),
                row.fitSeconds > 0 ? "\(PrepareSummary.tenths(row.fitSeconds)) s" : "",
            ]
        }
        for line in PrepareSummary.aligned([header] + rows) { Swift.print(line) }
        StandardError.write("\(report.path): \(clips). Material: \(report.credit)")
    }

    private func quality(_ quality: PreparationReport.Quality?) -> String {
        switch quality {
        case .psnr(let decibels): "PSNR \(PrepareSummary.tenths(decibels)) dB"
        case .melError(let decibels): "mel error \(PrepareSummary.tenths(decibels)) dB"
        case nil: ""
        }
    }

    private static func tenths(_ value: Double) -> String {
        let scaled = Int((value * 10).rounded())
        return "\(scaled / 10).\(abs(scaled % 10))"
    }

    private static func aligned(_ rows: [[String]]) -> [String] {
        let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
        }
    }
}
