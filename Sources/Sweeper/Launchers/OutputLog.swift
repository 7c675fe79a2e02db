import Foundation

/// The file that a trainer's output goes to, attempt after attempt.
package struct OutputLog: Sendable {
    package static let name = "output.log"

    package var path: String
    /// Bytes beyond which the oldest are dropped, down to half.
    package var limit: Int64

    package init(directory: String, limit: Int64 = 64 << 20) {
        path = directory + "/" + OutputLog.name
        self.limit = limit
    }

    func open() throws -> FileHandle {
        let descriptor = Foundation.open(
            path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR)
        guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// Drops the oldest output of a file that has grown beyond the limit. A trainer may write meanwhile: no byte of
    /// what it writes is lost, because nothing is copied. The file system takes the blocks out at the front; where it
    /// cannot, it makes a hole of them, which reads as zeros and takes no room.
    package func trim() {
        var info = stat()
        guard lstat(path, &info) == 0, Int64(info.st_blocks) * 512 > limit else { return }
        let descriptor = Foundation.open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let block = max(Int64(info.st_blksize), 4096)
        let drop = (Int64(info.st_size) - limit / 2) / block * block
        guard drop > 0 else { return }
        if !OutputLog.allocate(descriptor, OutputLog.collapseRange, drop) {
            _ = OutputLog.allocate(descriptor, OutputLog.punchHole | OutputLog.keepSize, drop)
        }
    }

    // Of fallocate(2), which Swift's view of the C library leaves out.
    private static let keepSize: Int32 = 0x01
    private static let punchHole: Int32 = 0x02
    private static let collapseRange: Int32 = 0x08

    private static func allocate(_ descriptor: Int32, _ mode: Int32, _ length: Int64) -> Bool {
        typealias Function = @convention(c) (Int32, Int32, off_t, off_t) -> Int32
        guard let symbol = dlsym(nil, "fallocate") else { return false }
        return unsafeBitCast(symbol, to: Function.self)(descriptor, mode, 0, off_t(length)) == 0
    }

    /// The last `count` bytes at most, and none from before `start`. After a trim the file is shorter than `start`
    /// may be, and all of it is of the last attempt.
    package func tail(_ count: UInt64 = 16 << 10, since start: UInt64 = 0) -> String {
        guard let handle = FileHandle(forReadingAtPath: path), let end = try? handle.seekToEnd() else { return "" }
        defer { try? handle.close() }
        try? handle.seek(toOffset: max(end > count ? end - count : 0, start > end ? 0 : start))
        return String(decoding: (try? handle.readToEnd()) ?? Data(), as: UTF8.self)
    }
}
