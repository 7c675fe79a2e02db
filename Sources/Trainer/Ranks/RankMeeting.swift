import Experiment
import FoundationEssentials
import Glibc
package import Tensor

/// Where the first rank waits for the others, and the word by which it knows them.
package struct RankMeeting: Codable, Sendable, Hashable {
    package var host: String
    /// IPv4, by which machines other than `host` reach it.
    package var addresses: [String]
    package var port: UInt16
    package var token: String

    /// Whoever knows the token may take part: only this person's processes can read it.
    package func write(to path: String) throws(RankError) {
        let temporary = "\(path).\(getpid()).tmp"
        do {
            let folder = URL(filePath: path).deletingLastPathComponent().path
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try? FileManager.default.removeItem(atPath: temporary)
            guard
                FileManager.default.createFile(
                    atPath: temporary, contents: try JSONCoding.encode(self),
                    attributes: [.posixPermissions: 0o600]), rename(temporary, path) == 0
            else { throw RankError(.missingRank, String(cString: strerror(errno))) }
        } catch {
            throw RankError(
                .missingRank,
                "ranks cannot meet, as \(path) cannot be written (\(error)); set SAGA_HOME to a folder that all machines "
                    + "share")
        }
    }

    package static func read(from path: String) -> RankMeeting? {
        FileManager.default.contents(atPath: path).flatMap { try? JSONCoding.decode(RankMeeting.self, from: $0) }
    }

    /// A word that nobody guesses.
    package static func newToken() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<4).map { _ in String(generator.next() as UInt64, radix: 36) }.joined()
    }

    /// Of this machine.
    package static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
