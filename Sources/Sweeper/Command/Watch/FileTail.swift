import Foundation
import Glibc

/// Reads a growing file piece by piece, and goes on with its successor where it was rotated away or begun anew.
struct FileTail {
    let path: String
    private var handle: FileHandle?
    private var inode: UInt64 = 0
    private var offset: UInt64 = 0

    init(path: String) { self.path = path }

    /// True once there was a file.
    var exists: Bool { handle != nil || access(path, R_OK) == 0 }

    /// What is new since the last call.
    mutating func read() -> [Data] {
        var chunks: [Data] = []
        if handle == nil { open() }
        chunks += rest()
        // Rotated: the rest of the old file has been read, now the new one from its beginning.
        if let now = FileTail.inode(path), now != inode {
            open()
            chunks += rest()
        }
        return chunks
    }

    private mutating func open() {
        handle = FileHandle(forReadingAtPath: path)
        inode = handle.flatMap { FileTail.inode(descriptor: $0.fileDescriptor) } ?? 0
        offset = 0
    }

    private mutating func rest() -> [Data] {
        guard let handle else { return [] }
        var chunks: [Data] = []
        if let size = try? handle.seekToEnd(), size < offset { offset = 0 }
        guard (try? handle.seek(toOffset: offset)) != nil else { return [] }
        while let chunk = try? handle.read(upToCount: 1 << 16), !chunk.isEmpty {
            offset += UInt64(chunk.count)
            chunks.append(chunk)
        }
        return chunks
    }

    private static func inode(_ path: String) -> UInt64? {
        var status = stat()
        return stat(path, &status) == 0 ? UInt64(status.st_ino) : nil
    }

    private static func inode(descriptor: Int32) -> UInt64? {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? UInt64(status.st_ino) : nil
    }
}
