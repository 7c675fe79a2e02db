import Experiment
import Foundation

/// Writes a backup's archive; it takes its name when it is complete.
final class ArchiveWriter {
    private let path: String
    private let draft: String
    private let file: FileHandle
    private(set) var entries: [String: BackupManifest.File] = [:]

    init(path: String) throws(OperationError) {
        self.path = path
        draft = "\(path).\(ProcessInfo.processInfo.processIdentifier).part"
        guard
            FileManager.default.createFile(atPath: draft, contents: nil, attributes: [.posixPermissions: 0o600]),
            let file = FileHandle(forWritingAtPath: draft)
        else { throw .unwritable(path) }
        self.file = file
    }

    // Gone by then unless something was thrown.
    deinit { unlink(draft) }

    func add(_ name: String, _ bytes: Data) throws {
        try begin(name, size: bytes.count)
        try write(bytes)
        try end(name, size: bytes.count, sha256: SHA256.hex(bytes))
    }

    /// Adds a file as it is now: what is appended meanwhile is left, what is cut off is an error.
    func add(_ name: String, file source: String) throws {
        let descriptor = open(source, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw OperationError.unreadable(source)
        }
        let input = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        let size = Int(status.st_size)
        try begin(name, size: size)
        var (left, hash) = (size, SHA256())
        while left > 0 {
            guard let bytes = try input.read(upToCount: min(left, 1 << 20)), !bytes.isEmpty else {
                throw OperationError.unreadable(source)
            }
            hash.update(bytes)
            try write(bytes)
            left -= bytes.count
        }
        try end(name, size: size, sha256: hash.finish())
    }

    func finish() throws {
        try write(Data(count: 2 * TarHeader.blockSize))
        try file.synchronize()
        guard rename(draft, path) == 0 else { throw OperationError.unwritable(path) }
    }

    private func begin(_ name: String, size: Int) throws {
        if name.utf8.count > 100 {
            let record = TarHeader.paxRecord(path: name)
            try write(Data(TarHeader.block(name: "long-name", size: record.count, type: UInt8(ascii: "x"))))
            try write(Data(record) + Data(count: TarHeader.padding(record.count)))
        }
        try write(Data(TarHeader.block(name: name.utf8.count > 100 ? "long-name" : name, size: size)))
    }

    private func end(_ name: String, size: Int, sha256: String) throws {
        try write(Data(count: TarHeader.padding(size)))
        entries[name] = BackupManifest.File(bytes: size, sha256: sha256)
    }

    private func write(_ bytes: Data) throws {
        do {
            try file.write(contentsOf: bytes)
        } catch {
            throw OperationError.unwritable(path)
        }
    }
}
