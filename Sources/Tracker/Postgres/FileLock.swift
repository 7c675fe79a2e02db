import Glibc

/// A lock on a file (`flock`), held until it is closed or the process ends, however it ends.
final class FileLock: Sendable {
    enum Kind {
        case shared
        case exclusive
    }

    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Waits for the lock without holding a thread.
    static func acquire(_ path: String, _ kind: Kind) async throws -> FileLock {
        // Programs that we start must not inherit the lock: the server would hold it for ever.
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw PostgresError(
                .cluster,
                "\(path) cannot be opened (\(String(cString: strerror(errno)))); set SAGA_HOME to a folder of your own")
        }
        let lock = FileLock(descriptor: descriptor)
        while !lock.tryTo(kind) { try await Task.sleep(for: .milliseconds(20)) }
        return lock
    }

    /// Changes the lock's kind where nobody else stands in the way; where somebody does, the lock is lost.
    func tryTo(_ kind: Kind) -> Bool {
        flock(descriptor, (kind == .shared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0
    }

    func release() { flock(descriptor, LOCK_UN) }
}
