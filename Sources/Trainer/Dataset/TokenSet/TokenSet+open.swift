import Experiment
import FoundationEssentials

extension TokenSet {
    /// Reads and checks the whole file.
    package static func open(_ path: String) throws(DatasetError) -> TokenSet {
        guard FileManager.default.fileExists(atPath: path) else {
            throw DatasetError(.missingFile, "there is no token set \(path): make one with 'trainer prepare'")
        }
        guard let file = HDF5File.open(path) else {
            throw DatasetError(
                .notATokenSet, "\(path) is not a complete HDF5 file: make it again with 'trainer prepare --force'")
        }
        return try TokenSet(file, path: path)
    }

    private init(_ file: borrowing HDF5File, path: String) throws(DatasetError) {
        guard let version = file.integerAttribute("format_version", of: "/"),
            let names = file.textAttribute("modalities", of: "/")
        else {
            throw DatasetError(
                .notATokenSet, "\(path) is an HDF5 file but no token set: make one with 'trainer prepare'")
        }
        guard version == TokenSetWriter.formatVersion else {
            throw DatasetError(
                .notATokenSet,
                "\(path) has format version \(version) and this trainer reads \(TokenSetWriter.formatVersion): "
                    + "make it again with 'trainer prepare --force'")
        }
        guard let json = file.textAttribute("provenance", of: "/"),
            let provenance = try? JSONCoding.decode(Provenance.self, from: Data(json.utf8)),
            let labels = file.readStrings("/labels")
        else { throw TokenSet.damaged(path, "its provenance or label names are missing") }

        let modalities = try TokenSet.readModalities(file, names: names, path: path)
        var clips: [Split: [String]] = [:]
        var rows: [Split: [String: [Int32]]] = [:]
        for split in Split.allCases {
            guard let ids = file.readStrings("/\(split.rawValue)/clips") else {
                throw TokenSet.damaged(path, "the clip list of \(split.rawValue) is missing")
            }
            clips[split] = ids
            for modality in modalities {
                rows[split, default: [:]][modality.name] = try TokenSet.readRows(
                    file, of: modality, split: split, clips: ids, path: path)
            }
        }
        self.init(
            path: path, modalities: modalities, provenance: provenance, labels: labels, clipsOfSplit: clips,
            rows: rows)
    }

    private static func readModalities(
        _ file: borrowing HDF5File, names: String, path: String
    ) throws(DatasetError) -> [ModalityInfo] {
        var modalities: [ModalityInfo] = []
        for name in names.split(separator: ",").map(String.init) {
            let dataset = "/\(Split.train.rawValue)/\(name)"
            guard let length = file.integerAttribute("length", of: dataset), length > 0,
                let vocabulary = file.integerAttribute("vocabulary_size", of: dataset), vocabulary > 0
            else { throw damaged(path, "\(dataset) is missing or has no length and vocabulary size") }
            modalities.append(ModalityInfo(name: name, length: length, vocabularySize: vocabulary))
        }
        guard !modalities.isEmpty else { throw damaged(path, "it has no modality") }
        return modalities
    }

    private static func readRows(
        _ file: borrowing HDF5File, of modality: ModalityInfo, split: Split, clips: [String], path: String
    ) throws(DatasetError) -> [Int32] {
        let dataset = "/\(split.rawValue)/\(modality.name)"
        guard let table = file.readTable(dataset) else {
            throw damaged(path, "\(dataset) is missing, incomplete or not a table of whole numbers")
        }
        guard table.columns == modality.length, table.values.count == clips.count * modality.length else {
            throw damaged(
                path,
                "\(dataset) has \(table.values.count) tokens where \(clips.count) clips of \(modality.length) belong")
        }
        let largest = Int32(clamping: modality.vocabularySize)
        if let bad = table.values.firstIndex(where: { $0 < 0 || $0 >= largest }) {
            throw DatasetError(
                .vocabularyTooSmall,
                "\(path): modality \(modality.name) of clip \(clips[bad / modality.length]) has token id "
                    + "\(table.values[bad]), but its vocabulary has \(modality.vocabularySize) ids from 0: "
                    + "make the token set again with 'trainer prepare --force'")
        }
        return table.values
    }

    private static func damaged(_ path: String, _ what: String) -> DatasetError {
        DatasetError(
            .damagedTokenSet, "\(path) is damaged: \(what); make it again with 'trainer prepare --force'")
    }
}
