/// Clips as tokens, one row a clip and modality, read from an HDF5 file and held in memory (4 bytes a token).
package struct TokenSet: Sendable {
    package let path: String
    package let modalities: [ModalityInfo]
    package let provenance: Provenance
    /// Names of the label modality's tokens, in order; empty without labels.
    package let labels: [String]
    let clipsOfSplit: [Split: [String]]
    /// By split, then by modality: all rows one after the other.
    let rows: [Split: [String: [Int32]]]
    /// How ``laidOut(as:)`` shows modalities otherwise than they are stored, by name.
    var views: [String: TokenView] = [:]
    var words: LabelWords?
    /// Positions of each frame of a modality with frames, in the order of time.
    package internal(set) var frames: [String: [[Int]]] = [:]
    /// Positions that an autoregressive pass may decode together, in order; other modalities go one by one.
    package internal(set) var steps: [String: [[Int32]]] = [:]

    /// Ids of a split's clips; a clip's index here is its row in every modality.
    package func clips(in split: Split) -> [String] { clipsOfSplit[split] ?? [] }

    package func modality(_ name: String) -> ModalityInfo? { modalities.first { $0.name == name } }

    /// Tokens of one clip; empty when the token set has no such modality or clip.
    package func tokens(modality name: String, split: Split, clip index: Int) -> [Int32] {
        guard let modality = modality(name), clips(in: split).indices.contains(index),
            let all = rows[split]?[name]
        else { return [] }
        return Array(all[index * modality.length..<(index + 1) * modality.length])
    }

    /// Where `trainer prepare` puts the tokenizers of a token set: `NAME.tokenizers` beside `NAME.h5`.
    package var tokenizerDirectory: String { TokenSet.tokenizerDirectory(besides: path) }

    package static func tokenizerDirectory(besides path: String) -> String {
        (path.hasSuffix(".h5") ? String(path.dropLast(3)) : path) + ".tokenizers"
    }
}
