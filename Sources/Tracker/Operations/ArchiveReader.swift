import Experiment
import Foundation

/// Unpacks a backup's archive into a new folder of ours.
///
/// Only plain files with names that a backup can have are taken: an archive with anything else - links, devices,
/// folders, absolute paths, `..` - is refused as a whole, and so is one whose bytes are not those of its manifest.
struct ArchiveReader {
    private let input: FileHandle
    private let folder: String
    private var entries: [String: BackupManifest.File] = [:]

    static func unpack(_ archive: String, into folder: String) throws -> BackupManifest {
        guard let input = FileHandle(forReadingAtPath: archive) else { throw OperationError.unreadable(archive) }
        var reader = ArchiveReader(input: input, folder: folder)
        return try reader.unpack()
    }

    private init(input: FileHandle, folder: String) {
        self.input = input
        self.folder = folder
    }

    private mutating func unpack() throws -> BackupManifest {
        var longName: String?
        while true {
            let block = try read(TarHeader.blockSize)
            if block.allSatisfy({ $0 == 0 }) { break }
            guard var entry = TarHeader.parse(block) else { throw OperationError.badArchive("a header is damaged") }
            if entry.type == UInt8(ascii: "x"), longName == nil, entry.size <= 4096 {
                longName = TarHeader.paxPath(try read(entry.size))
                guard longName != nil else {
                    throw OperationError.badArchive("it has records that backups do not have")
                }
                _ = try read(TarHeader.padding(entry.size))
                continue
            }
            entry.name = longName ?? entry.name
            longName = nil
            guard entry.type == UInt8(ascii: "0"), BackupManifest.isAllowed(entry.name), entries[entry.name] == nil
            else {
                throw OperationError.badArchive("an entry in it is no plain file of a backup")
            }
            entries[entry.name] = try unpack(entry)
        }
        return try checkedManifest()
    }

    private func unpack(_ entry: TarHeader.Entry) throws -> BackupManifest.File {
        let path = folder + "/" + entry.name
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw OperationError.unwritable(path) }
        let output = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var (left, hash) = (entry.size, SHA256())
        while left > 0 {
            let bytes = try read(min(left, 1 << 20))
            hash.update(bytes)
            try output.write(contentsOf: bytes)
            left -= bytes.count
        }
        _ = try read(TarHeader.padding(entry.size))
        return BackupManifest.File(bytes: entry.size, sha256: hash.finish())
    }

    private func checkedManifest() throws -> BackupManifest {
        guard entries[BackupManifest.name].map({ $0.bytes < 1 << 30 }) == true,
            let text = FileManager.default.contents(atPath: folder + "/" + BackupManifest.name),
            let manifest = try? JSONCoding.decode(BackupManifest.self, from: text)
        else { throw OperationError.badArchive("it has no manifest, perhaps because its end is missing") }
        guard manifest.format == BackupManifest.format else {
            throw OperationError.badArchive("it was made by a newer program")
        }
        guard manifest.entries[BackupManifest.database] != nil else {
            throw OperationError.badArchive("it has no database")
        }
        for (name, file) in manifest.entries where entries[name]?.sha256 != file.sha256 {
            throw OperationError.badArchive("'\(name)' is missing or damaged")
        }
        guard manifest.entries.count == entries.count - 1 else {
            throw OperationError.badArchive("it has entries that its manifest does not know")
        }
        return manifest
    }

    private func read(_ count: Int) throws -> [UInt8] {
        guard count > 0 else { return [] }
        guard let bytes = try input.read(upToCount: count), bytes.count == count else {
            throw OperationError.badArchive("its end is missing")
        }
        return Array(bytes)
    }
}
