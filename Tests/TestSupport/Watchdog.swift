import Glibc

/// A shell that waits until this process is gone, however it went, and then stops the PostgreSQL server below a
/// folder and removes the folder.
enum Watchdog {
    private static let script = """
        cat > /dev/null
        pid=$(head -n 1 "$1/postgres/cluster/data/postmaster.pid" 2> /dev/null)
        if [ -n "$pid" ]; then
            kill -QUIT "$pid" 2> /dev/null
            while kill -0 "$pid" 2> /dev/null; do sleep 0.05; done
        fi
        rm -rf "$1"
        """

    /// - Parameter folder: what `SAGA_HOME` is set to.
    static func guardFolder(_ folder: String) throws(ScratchError) {
        var ends: [Int32] = [-1, -1]
        // Closed on exec: only this process may hold the writing end.
        // (SOCK_CLOEXEC is O_CLOEXEC.)
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0, &ends) == 0 else {
            throw ScratchError(description: "no socket for the watchdog")
        }
        defer { close(ends[0]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
        // Whoever reads our output to its end must not wait for the watchdog.
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A Ctrl-C for the tests is not meant for it.
        posix_spawnattr_setflags(&attributes, Int16(0x80))  // POSIX_SPAWN_SETSID
        let words: [String?] = ["sh", "-c", script, "watchdog", folder, nil]
        let arguments = words.map { $0.flatMap { strdup($0) } }
        defer { arguments.forEach { free($0) } }
        var pid: pid_t = 0
        guard posix_spawn(&pid, "/bin/sh", &actions, &attributes, arguments, environ) == 0 else {
            throw ScratchError(description: "no watchdog could be started")
        }
    }
}

package struct ScratchError: Error, CustomStringConvertible {
    package let description: String
}
