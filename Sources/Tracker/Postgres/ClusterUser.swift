import Glibc
import Subprocess
import SystemPackage

/// Who the server's programs run as: we ourselves, or, because PostgreSQL refuses root, another user.
struct ClusterUser: Sendable, Hashable {
    let name: String
    let id: uid_t
    let group: gid_t
    /// Whether that is somebody else than we.
    let isOther: Bool

    static func current() throws(PostgresError) -> ClusterUser {
        guard geteuid() == 0 else { return ClusterUser(name: "", id: geteuid(), group: getegid(), isOther: false) }
        for name in ["postgres", "nobody"] {
            guard let entry = getpwnam(name) else { continue }
            return ClusterUser(name: name, id: entry.pointee.pw_uid, group: entry.pointee.pw_gid, isOther: true)
        }
        throw PostgresError(
            .cluster, "PostgreSQL does not run as root and there is no user 'postgres'; create it or set DATABASE_URL")
    }

    /// Runs a program to its end; answers whether it succeeded and what it printed.
    ///
    /// Another user is taken on by `setpriv`, not by Subprocess: it calls `setgroups` between clone and exec, where
    /// glibc waits for threads that the child does not have, for ever if one of ours was just starting or ending.
    func run(_ program: String, _ arguments: [String]) async throws -> (succeeded: Bool, output: String) {
        let disguise = ["/usr/bin/setpriv", "--reuid=\(id)", "--regid=\(group)", "--clear-groups"]
        let words = (isOther ? disguise : []) + [program] + arguments
        // Our own working directory may be closed to the user.
        let result = try await Subprocess.run(
            .path(FilePath(words[0])), arguments: Arguments(Array(words.dropFirst())), workingDirectory: "/",
            output: .string(limit: 1 << 20), error: .combinedWithOutput)
        return (result.terminationStatus.isSuccess, result.standardOutput)
    }
}
