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
    func run(_ program: String, _ arguments: [String]) async throws -> (succeeded: Bool, output: String) {
        var options = PlatformOptions()
        if isOther {
            options.userID = id
            options.groupID = group
            options.supplementaryGroups = []
        }
        // Our own working directory may be closed to the user.
        let result = try await Subprocess.run(
            .path(FilePath(program)), arguments: Arguments(arguments), workingDirectory: "/", platformOptions: options,
            output: .string(limit: 1 << 20), error: .combinedWithOutput)
        return (result.terminationStatus.isSuccess, result.standardOutput)
    }
}
