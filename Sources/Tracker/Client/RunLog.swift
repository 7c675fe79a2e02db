package import Experiment
import FoundationEssentials
import Glibc

/// The append-only file that holds all records of one attempt of a run: `log-ATTEMPT.sagalog` in the run's directory.
///
/// One process appends; any number may read at the same time (``RunLogReader``). After a crash at any moment the file
/// holds every record whose ``append(_:)`` returned, perhaps followed by a torn one, which is cut off when the log is
/// opened again.
package final class RunLog {
    package let path: String
    /// The sequence number of the last record in the file; 0 when there is none.
    package private(set) var lastSequence: Int64

    private let descriptor: Int32
    private var end: Int
    private var encoder = RunLogEncoder()

    package static func path(directory: String, attempt: Int) -> String { "\(directory)/log-\(attempt).sagalog" }

    /// Attempts that have a log in `directory`, oldest first.
    package static func attempts(directory: String) -> [Int] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.compactMap { name in
            guard name.hasPrefix("log-"), name.hasSuffix(".sagalog") else { return nil }
            return Int(name.dropFirst(4).dropLast(8)).flatMap { $0 > 0 ? $0 : nil }
        }.sorted()
    }

    /// Creates the log, or goes on after the last whole record of an existing one.
    package init(directory: String, attempt: Int) throws(TrackerClientError) {
        let path = Self.path(directory: directory, attempt: attempt)
        let descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .openFailed(path, errno) }
        guard isRegularFile(descriptor) else {
            close(descriptor)
            throw .openFailed(path, ELOOP)
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw TrackerClientError(
                TrackerClientError.logFailed,
                "\(path): another process is writing this log; give this one the next attempt number")
        }
        do {
            let reader = try RunLogReader(path: path)
            try reader.seek(after: .max)
            lastSequence = reader.lastSequence
            end = reader.offset
        } catch {
            close(descriptor)
            throw error
        }
        _ = ftruncate(descriptor, end)
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Writes the record to the file and returns its sequence number.
    ///
    /// When this throws, nothing has been added and the next call may succeed.
    @discardableResult
    package func append(_ record: RunRecord) throws(TrackerClientError) -> Int64 {
        let sequence = lastSequence + 1
        do {
            try encoder.encode(record, sequence: sequence)
        } catch let error as any UserFacingError {
            throw TrackerClientError(error.code, "\(error)")
        } catch {
            throw TrackerClientError(TrackerClientError.logFailed, "a record cannot be written as JSON: \(error)")
        }
        let frame = encoder.frame
        guard frame.count - RunLogFrame.headerSize <= RunLogFrame.payloadLimit else {
            throw TrackerClientError(
                TrackerClientError.recordTooLarge,
                "a record of \(frame.count) bytes is too long to log; the limit is \(RunLogFrame.payloadLimit)")
        }
        // Written at a known place: a record torn by a full disk is written over by the next one.
        var written = 0
        while written < frame.count {
            let count = frame.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress.map { $0 + written }, frame.count - written, end + written)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                let reason = errno
                _ = ftruncate(descriptor, end)
                throw TrackerClientError(
                    TrackerClientError.logFailed, "\(path): cannot be written (\(String(cString: strerror(reason))))")
            }
            written += count
        }
        end += frame.count
        lastSequence = sequence
        return sequence
    }
}

/// Whether the open file is a plain file: not a device, a pipe or a directory.
func isRegularFile(_ descriptor: Int32) -> Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
}

extension TrackerClientError {
    /// The sentence for a run log that does not open.
    static func openFailed(_ path: String, _ reason: Int32) -> TrackerClientError {
        reason == ELOOP
            ? TrackerClientError(unsafeLog, "\(path): is a link or no plain file, which a run log never is; remove it")
            : TrackerClientError(logFailed, "\(path): cannot be opened (\(String(cString: strerror(reason))))")
    }
}
