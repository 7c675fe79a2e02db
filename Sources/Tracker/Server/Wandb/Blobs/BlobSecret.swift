import Experiment
import Foundation
import Glibc

/// The secret behind signed addresses: 32 random bytes in a file that only its owner may read.
enum BlobSecret {
    static func load(home: SagaHome) throws(ServerError) -> [UInt8] {
        let path = home.path + "/blob-secret"
        if let known = FileManager.default.contents(atPath: path), known.count == 32 { return Array(known) }
        // A folder that cannot be made shows below.
        try? FileManager.default.createDirectory(
            atPath: home.path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        var generator = SystemRandomNumberGenerator()
        let secret = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
        // Under a name of its own first: whoever starts at the same time must not read half of it.
        let temporary = "\(path).\(UInt64.random(in: 0 ... .max))"
        guard
            FileManager.default.createFile(
                atPath: temporary, contents: Data(secret), attributes: [.posixPermissions: 0o600])
        else { throw ServerError.unwritableHome(home.path) }
        defer { unlink(temporary) }
        if link(temporary, path) == 0 { return secret }
        guard let other = FileManager.default.contents(atPath: path), other.count == 32 else {
            throw ServerError.unwritableHome(home.path)
        }
        return Array(other)
    }
}
