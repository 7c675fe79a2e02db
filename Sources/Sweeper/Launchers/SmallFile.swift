import Foundation

/// Files of a few kilobytes that are read and written whole, as those of `/proc`, whose size is told as 0.
enum SmallFile {
    static func data(_ path: String) -> Data? { FileManager.default.contents(atPath: path) }
    static func text(_ path: String) -> String? { data(path).map { String(decoding: $0, as: UTF8.self) } }

    /// Puts a new file in the place of that at `path`: who reads it meanwhile sees the old one or the new one, whole. One
    /// writer at a time. False where it cannot be written.
    static func replace(_ path: String, with data: Data) -> Bool {
        let new = path + ".new"
        let descriptor = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR)
        guard descriptor >= 0 else { return false }
        let isWritten = data.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }
        guard close(descriptor) == 0, isWritten else { return false }
        return rename(new, path) == 0
    }
}
