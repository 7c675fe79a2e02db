import Glibc
import HTTPTypes

/// A file that is being read piece by piece.
struct StoredBytes: Sendable {
    let file: Descriptor
    let size: Int

    /// At least one byte; a file that has become shorter meanwhile is an error.
    func read(at offset: Int, upTo count: Int) throws -> [UInt8] {
        let piece = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            initialized = max(0, pread(file.number, buffer.baseAddress, count, off_t(offset)))
        }
        guard !piece.isEmpty else {
            throw APIError(.internalServerError, "internal_error", "the file cannot be read any more")
        }
        return piece
    }
}
