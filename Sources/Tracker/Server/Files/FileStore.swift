package import Experiment
import Foundation
import HTTPTypes
import Glibc

/// Files of runs below one folder, as `ROOT/RUN/PATH`.
///
/// Folders are entered one by one without following links, so that not even a link planted inside leads out.
package struct FileStore: Sendable {
    private let root: String
    /// Bytes that a file may have.
    private let sizeLimit: Int

    package init(root: String, sizeLimit: Int = 64 << 20) {
        self.root = root
        self.sizeLimit = sizeLimit
    }

    /// Begins to receive a file; it appears under its name when it is whole.
    func upload(run: RunID, path: RelativePath) throws -> FileUpload {
        try FileManager.default.createDirectory(
            atPath: root, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let (folder, name) = try folder(run: run, path: path, creating: true)
        return try FileUpload(folder: folder, name: name, sizeLimit: sizeLimit)
    }

    package func read(run: RunID, path: RelativePath) throws -> [UInt8] {
        let file = try open(run: run, path: path)
        var bytes: [UInt8] = []
        while bytes.count < file.size { bytes += try file.read(at: bytes.count, upTo: file.size - bytes.count) }
        return bytes
    }

    /// Opens a file to be read in pieces.
    func open(run: RunID, path: RelativePath) throws -> StoredBytes {
        let (folder, name) = try folder(run: run, path: path, creating: false)
        let file = Descriptor(openat(folder.number, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK))
        var status = stat()
        guard let file, fstat(file.number, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_size <= sizeLimit
        else { throw Self.unknownFile }
        return StoredBytes(file: file, size: status.st_size)
    }

    /// Removes all files of a run; links inside are removed and not followed.
    package func remove(run: RunID) throws {
        do {
            try FileManager.default.removeItem(atPath: root + "/" + run.rawValue)
        } catch CocoaError.fileNoSuchFile {
            return
        }
    }

    /// Removes one file; nothing happens where there is none.
    func remove(run: RunID, path: RelativePath) throws {
        guard let (folder, name) = try? folder(run: run, path: path, creating: false) else { return }
        unlinkat(folder.number, name, 0)
    }

    private func folder(run: RunID, path: RelativePath, creating: Bool) throws -> (Descriptor, name: String) {
        guard var folder = Descriptor(Glibc.open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)), let name = path.names.last
        else { throw Self.unknownFile }
        for part in [run.rawValue] + path.names.dropLast() {
            if creating { mkdirat(folder.number, part, 0o700) }
            guard
                let next = Descriptor(
                    openat(folder.number, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC))
            else {
                throw creating
                    ? APIError(.conflict, "bad_file_path", "'\(part)' is a file already and cannot be a folder")
                    : Self.unknownFile
            }
            folder = next
        }
        return (folder, name)
    }

    private static var unknownFile: APIError { APIError(.notFound, "unknown_file", "the run has no such file") }
}
