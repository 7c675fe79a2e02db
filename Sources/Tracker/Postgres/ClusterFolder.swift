import Experiment
import FoundationEssentials
import Glibc

/// The folder that holds a private cluster's data, log and socket: open to its user alone.
struct ClusterFolder: Sendable, Hashable {
    let path: String

    var data: String { path + "/data" }
    var log: String { path + "/server.log" }

    /// The version that made the data; nil where there is none yet.
    var version: String? {
        FileManager.default.contents(atPath: data + "/PG_VERSION").map {
            String(decoding: $0.filter { $0 > UInt8(ascii: " ") }, as: UTF8.self)
        }
    }

    /// Finds or makes the folder: `home/cluster`, or, where `user` cannot reach that (a closed home of root's), a
    /// folder of the same right in `/var/lib`, to which `home/cluster` is then a link.
    static func prepare(home: String, user: ClusterUser) async throws -> ClusterFolder {
        let near = home + "/cluster"
        if let target = try? FileManager.default.destinationOfSymbolicLink(atPath: near) {
            try makePrivate(target, for: user)
            return ClusterFolder(path: target)
        }
        try makePrivate(near, for: user)
        guard user.isOther, try await !user.run("/usr/bin/test", ["-w", near]).succeeded else {
            return ClusterFolder(path: near)
        }
        // Only root can write in /var/lib, so nobody can have put something of his there.
        let far = "/var/lib/saga-" + SHA256.hex(home).prefix(16)
        try makePrivate(far, for: user)
        guard rmdir(near) == 0, symlink(far, near) == 0 else { throw failure(near) }
        return ClusterFolder(path: far)
    }

    /// Where the server puts its socket: beside the data, or in a short one below `/tmp` where that makes the path
    /// too long for a socket (107 bytes with the socket's name) or its characters mean something to libpq.
    func socketFolder(user: ClusterUser) throws -> String {
        let isUsable = path.utf8.count < 85 && !path.contains { ",\"".contains($0) }
        guard !isUsable else { return path }
        let short = "/tmp/saga-" + SHA256.hex(path).prefix(16)
        try ClusterFolder.makePrivate(short, for: user)
        return short
    }

    /// Makes the folder unless it exists; one that is a link, somebody else's or open to others is refused, because
    /// somebody may have planted it.
    static func makePrivate(_ path: String, for user: ClusterUser) throws {
        if mkdir(path, 0o700) == 0 {
            guard !user.isOther || lchown(path, user.id, user.group) == 0 else { throw failure(path) }
        } else if errno != EEXIST {
            throw failure(path)
        }
        var status = stat()
        guard lstat(path, &status) == 0 else { throw failure(path) }
        guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == user.id, status.st_mode & 0o077 == 0 else {
            throw PostgresError(
                .cluster,
                "\(path) is not a folder that belongs to \(user.isOther ? "user '\(user.name)'" : "you") alone; "
                    + "remove it or choose another SAGA_HOME")
        }
    }

    private static func failure(_ path: String) -> PostgresError {
        PostgresError(
            .cluster,
            "\(path) cannot be made (\(String(cString: strerror(errno)))); choose another SAGA_HOME or set DATABASE_URL"
        )
    }
}
