import Foundation

/// The folder of one of W&B's runs: `offline-run-DATE-ID` or `run-DATE-ID`.
struct WandbFolder {
    /// The transaction log.
    let log: String
    /// What the run saved: media, output, requirements.
    let files: String

    /// The runs in `path`: itself, or those below it where it is a folder of runs, as `wandb`.
    static func find(_ path: String) throws(ImportError) -> [WandbFolder] {
        if let folder = WandbFolder(path) { return [folder] }
        let below = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
            // A link: it leads to one of the others.
            .filter { $0 != "latest-run" }.compactMap { WandbFolder("\(path)/\($0)") }
        guard !below.isEmpty else {
            throw ImportError(
                "no_wandb_run", "\(path): holds no run of W&B (run-ID.wandb); give the folder of a run, or wandb/")
        }
        return below
    }

    private init?(_ path: String) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        guard let log = names.filter({ $0.hasSuffix(".wandb") }).sorted().first else { return nil }
        self.log = "\(path)/\(log)"
        files = "\(path)/files"
    }

    /// Paths of the run's files below ``files``, in order; links are left alone.
    var fileNames: [String] {
        guard let walk = FileManager.default.enumerator(atPath: files) else { return [] }
        var names: [String] = []
        for case let name as String in walk {
            let kind = try? FileManager.default.attributesOfItem(atPath: "\(files)/\(name)")[.type]
            if kind as? FileAttributeType == .typeRegular { names.append(name) }
        }
        return names.sorted()
    }
}
