import Experiment
import Glibc
import HTTPTypes
import NIOCore

/// A file on its way in: written beside its place under a name of its own and renamed when whole, so that nobody sees
/// half a file and a broken upload leaves the old one.
struct FileUpload: ~Copyable {
    private let folder: Descriptor
    private let name: String
    private let temporaryName: String
    private let file: Descriptor
    private let sizeLimit: Int
    private var size = 0
    private var hash = SHA256()

    init(folder: Descriptor, name: String, sizeLimit: Int) throws {
        // A path's names never begin with a dot: this one cannot be asked for.
        let temporaryName = ".upload-\(UInt64.random(in: 0 ... .max))"
        guard
            let file = Descriptor(
                openat(folder.number, temporaryName, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600))
        else { throw FileUpload.failure(errno) }
        self.folder = folder
        self.name = name
        self.temporaryName = temporaryName
        self.file = file
        self.sizeLimit = sizeLimit
    }

    deinit { unlinkat(folder.number, temporaryName, 0) }

    mutating func write(_ bytes: ByteBufferView) throws {
        size += bytes.count
        guard size <= sizeLimit else {
            throw APIError(.contentTooLarge, "too_large", "a run's file may have \(sizeLimit) bytes")
        }
        hash.update(bytes)
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file.number, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw Self.failure(errno) }
            rest = rest.dropFirst(count)
        }
    }

    /// Gives the file its name; its size and SHA-256.
    @discardableResult
    mutating func commit() throws -> (size: Int, sha256: String) {
        guard renameat(folder.number, temporaryName, folder.number, name) == 0 else {
            if errno == EISDIR {
                throw APIError(.conflict, "bad_file_path", "'\(name)' is a folder already and cannot be a file")
            }
            throw Self.failure(errno)
        }
        return (size, hash.finish())
    }

    private static func failure(_ reason: Int32) -> APIError {
        reason == ENOSPC || reason == EDQUOT
            ? .busy("the tracker's disk is full; free some space on it")
            : APIError(.internalServerError, "internal_error", "the file cannot be stored; is SAGA_HOME writable?")
    }
}
