import Experiment
import Foundation
import TrackerStore

/// What W&B's clients write down as the contents of an artifact.
struct ArtifactManifest: Sendable, Hashable {
    /// Files that must be here.
    var files: [ArtifactContent]
    /// Files that lie elsewhere: buckets, other artifacts.
    var references: Int

    init(json: [UInt8]) throws(StoreError) {
        guard let entries = (try? JSONParser.parse(json))?.object?["contents"]?.object else {
            throw StoreError(.invalidArtifact, "the artifact's manifest is not JSON with 'contents'; log it again")
        }
        files = []
        references = 0
        for (name, entry) in entries.sorted(by: { $0.key < $1.key }) {
            guard entry.object?["ref"]?.string == nil else {
                references += 1
                continue
            }
            guard let md5 = entry.object?["digest"]?.string.flatMap(Self.hexadecimal),
                let bytes = entry.object?["size"]?.integer, bytes >= 0, (1...4096).contains(name.utf8.count)
            else {
                throw StoreError(
                    .invalidArtifact,
                    "the manifest's entry '\(name.prefix(200))' lacks a digest or a size; log it again")
            }
            files.append(ArtifactContent(name: name, md5: md5, bytes: bytes))
        }
    }

    /// An MD5 sum in base64, as clients write it, as 32 hexadecimal digits; nil for anything else.
    static func hexadecimal(_ base64: String) -> String? {
        guard base64.utf8.count == 24, let bytes = Data(base64Encoded: base64), bytes.count == 16 else { return nil }
        return bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    static func base64(_ hexadecimal: String) -> String {
        let digits = hexadecimal.compactMap(\.hexDigitValue)
        let bytes = stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
        return Data(bytes).base64EncodedString()
    }
}
