/// What lies in a `NAME.tokenizers` folder: `manifest.json`.
struct TokenizerManifest: Sendable, Hashable, Codable {
    struct Entry: Sendable, Hashable, Codable {
        let modality: String
        let kind: Kind
        /// Weights beside the manifest; labels have none.
        let file: String?
        /// SHA-256 of the weights, or of the label names.
        let sha256: String
        let length: Int
        let vocabularySize: Int
        /// The settings that it was fitted with.
        let parameters: [String: Int]
    }

    enum Kind: String, Sendable, Hashable, Codable {
        case patches = "pca-kmeans-patches"
        case video = "pca-kmeans-key-frame-and-cubes"
        case audio = "log-mel-pca-product-quantiser"
        case classes
    }

    static let currentVersion = 1
    static let fileName = "manifest.json"

    var version = TokenizerManifest.currentVersion
    let format: MediaFormat
    let labels: [String]
    let tokenizers: [Entry]
}
