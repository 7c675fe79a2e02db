import Glibc

/// A file written beside its final place and renamed over it once all of it is on disk.
final class AtomicFile {
    private let path: String
    private let temporaryPath: String
    private var descriptor: Int32

    init(_ path: String) throws(TensorError) {
        self.path = path
        temporaryPath = "\(path).\(getpid()).tmp"
        descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw unwritable() }
    }

    deinit {
        guard descriptor >= 0 else { return }
        close(descriptor)
        unlink(temporaryPath)
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(TensorError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw unwritable()
            }
            rest = rest.dropFirst(count)
        }
    }

    /// Syncs file and folder, so that after a crash the name shows either the old or the whole new file.
    func commit() throws(TensorError) {
        guard fsync(descriptor) == 0 else { throw unwritable() }
        guard rename(temporaryPath, path) == 0 else { throw unwritable() }
        close(descriptor)
        descriptor = -1
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let folderDescriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folderDescriptor >= 0 else { throw unwritable() }
        defer { close(folderDescriptor) }
        guard fsync(folderDescriptor) == 0 else { throw unwritable() }
    }

    private func unwritable() -> TensorError {
        TensorError(
            .unwritableFile,
            "cannot write \(path): \(String(cString: strerror(errno))); check the folder and the space left")
    }
}
