import Experiment
import Glibc

/// One split's clips: ids and, by modality name, their rows one after the other.
package struct TokenRows: Sendable, Hashable {
    package var clips: [String]
    package var tokens: [String: [Int32]]

    package init(clips: [String] = [], tokens: [String: [Int32]] = [:]) {
        self.clips = clips
        self.tokens = tokens
    }
}

/// Writes a token set into a temporary file that takes its name when it is complete.
///
/// Layout: `/SPLIT/MODALITY` [clips, length] int32 in chunks of one row, with attributes `vocabulary_size`, `length`
/// and `tokenizer` (a hash); `/SPLIT/clips` and `/labels` strings; attributes of the file: `format_version`,
/// `modalities` (names in order, joined by commas) and `provenance` (JSON).
package enum TokenSetWriter {
    static let formatVersion = 1

    package static func write(
        to path: String, modalities: [ModalityInfo], labels: [String], splits: [Split: TokenRows],
        tokenizerHashes: [String: String], provenance: Provenance
    ) throws(DatasetError) {
        let temporary = "\(path).\(getpid()).tmp"
        guard let json = try? JSONCoding.encode(provenance),
            write(
                to: temporary, modalities: modalities, labels: labels, splits: splits,
                tokenizerHashes: tokenizerHashes, provenance: String(decoding: json, as: UTF8.self)),
            rename(temporary, path) == 0
        else {
            let reason = String(cString: strerror(errno))
            unlink(temporary)
            throw DatasetError(
                .write, "\(path) cannot be written: check the disk's space and the folder's rights", detail: reason)
        }
    }

    private static func write(
        to path: String, modalities: [ModalityInfo], labels: [String], splits: [Split: TokenRows],
        tokenizerHashes: [String: String], provenance: String
    ) -> Bool {
        guard let file = HDF5File.create(path),
            file.setAttribute("format_version", of: "/", to: formatVersion),
            file.setAttribute("modalities", of: "/", to: modalities.map(\.name).joined(separator: ",")),
            file.setAttribute("provenance", of: "/", to: provenance),
            file.write("/labels", strings: labels)
        else { return false }
        for split in Split.allCases {
            let rows = splits[split] ?? TokenRows()
            guard file.createGroup("/\(split.rawValue)"),
                file.write("/\(split.rawValue)/clips", strings: rows.clips)
            else { return false }
            for modality in modalities {
                let name = "/\(split.rawValue)/\(modality.name)"
                guard file.write(name, values: rows.tokens[modality.name] ?? [], columns: modality.length),
                    file.setAttribute("vocabulary_size", of: name, to: modality.vocabularySize),
                    file.setAttribute("length", of: name, to: modality.length),
                    file.setAttribute("tokenizer", of: name, to: tokenizerHashes[modality.name] ?? "")
                else { return false }
            }
        }
        return file.flush()
    }
}
