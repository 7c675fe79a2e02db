import Glibc

/// Bytes of a file; nil if it cannot be looked at.
func fileSize(_ path: String) -> Int? {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : nil
}
