import Experiment
package import FoundationEssentials
import Glibc

/// Files that are either whole or not there, whenever the power goes.
package enum SafeFile {
    /// Writes a temporary neighbour, forces it to disk and renames it over `path`.
    package static func write(_ data: Data, to path: String) throws(TrainingError) {
        let temporary = "\(path).\(getpid()).tmp"
        do {
            try data.write(to: URL(filePath: temporary))
        } catch {
            throw failed("write", temporary, "\(error)")
        }
        try synchronize(temporary)
        try rename(temporary, to: path)
    }

    /// Renames a file or a folder and forces the new name to disk.
    package static func rename(_ old: String, to new: String) throws(TrainingError) {
        guard Glibc.rename(old, new) == 0 else { throw failed("rename", old) }
        try synchronize(URL(filePath: new).deletingLastPathComponent().path)
    }

    /// Forces a file's bytes, or a folder's names, to disk.
    package static func synchronize(_ path: String) throws(TrainingError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failed("open", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failed("write", path) }
    }

    /// CRC-32C of a file's bytes, which changes with every flipped bit and every burst of up to 32.
    package static func checksum(of path: String) throws(TrainingError) -> UInt32 {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failed("open", path) }
        defer { close(descriptor) }
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
        defer { block.deallocate() }
        var checksum = CRC32C()
        while true {
            let count = read(descriptor, block.baseAddress, block.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failed("read", path) }
            guard count > 0 else { return checksum.value }
            checksum.update(UnsafeRawBufferPointer(rebasing: block[..<count]))
        }
    }

    package static func makeFolder(_ path: String) throws(TrainingError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw failed("make the folder", path, "\(error)")
        }
    }

    private static func failed(_ verb: String, _ path: String, _ reason: String? = nil) -> TrainingError {
        TrainingError(.fileFailed, "cannot \(verb) \(path): \(reason ?? String(cString: strerror(errno)))")
    }
}
