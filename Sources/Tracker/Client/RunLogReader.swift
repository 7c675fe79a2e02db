package import Experiment
import FoundationEssentials
import Glibc

/// Reads the records of a run log, also while another process appends to it.
package final class RunLogReader {
    /// Where the first record that has not been read begins.
    package private(set) var offset = 0
    /// The sequence number of the last record read; 0 before the first.
    package private(set) var lastSequence: Int64 = 0

    private let path: String
    private let descriptor: Int32
    /// Bytes of the file; those from `begin` on lie at `offset`.
    private var buffer: [UInt8] = []
    private var begin = 0

    private static let chunk = 256 << 10

    package init(path: String) throws(TrackerClientError) {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw .openFailed(path, errno) }
        guard isRegularFile(descriptor) else {
            close(descriptor)
            throw .openFailed(path, ELOOP)
        }
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// The next record; nil at the end, which is where the first incomplete or damaged record begins.
    ///
    /// May be called again after nil: a record that was being written is found whole then.
    package func next() throws(TrackerClientError) -> SequencedRecord? {
        guard let size = try frameSize() else { return nil }
        let payload = begin + RunLogFrame.headerSize..<begin + size
        let record = buffer.withUnsafeBytes {
            RunLogPayload(UnsafeRawBufferPointer(rebasing: $0[payload]))?.sequencedRecord
        }
        guard let record else { throw notUnderstood }
        advance(size)
        return record
    }

    /// The next records as they lie in the file, at most `records` of them and not much more than `bytes`; nil at the end.
    func nextBatch(records: Int, bytes: Int) throws(TrackerClientError) -> RunLogBatch? {
        var batch = RunLogBatch(first: lastSequence + 1)
        while batch.count < records, batch.bytes.count < bytes, let size = try frameSize() {
            let frame = buffer[begin..<begin + size]
            batch.append(frame)
            advance(size)
        }
        return batch.count == 0 ? nil : batch
    }

    /// Goes back to the beginning and forward again, so that ``next()`` gives the record after `sequence`.
    package func seek(after sequence: Int64) throws(TrackerClientError) {
        if sequence < lastSequence {
            (offset, lastSequence, buffer, begin) = (0, 0, [], 0)
        }
        while lastSequence < sequence, let size = try frameSize() { advance(size) }
    }

    /// The size of the next frame, which is then in the buffer, whole and with the sequence number that is its turn.
    private func frameSize() throws(TrackerClientError) -> Int? {
        guard fill(RunLogFrame.headerSize),
            let length = buffer.withUnsafeBytes({
                RunLogFrame.payloadLength(UnsafeRawBufferPointer(rebasing: $0[begin...]))
            }),
            fill(RunLogFrame.headerSize + length),
            buffer.withUnsafeBytes({ RunLogFrame.isIntact(UnsafeRawBufferPointer(rebasing: $0[begin...])) })
        else {
            // What lies here may be written over: read it anew next time.
            (buffer, begin) = ([], 0)
            return nil
        }
        let size = RunLogFrame.headerSize + length
        let sequence = buffer.withUnsafeBytes {
            RunLogPayload.sequence(UnsafeRawBufferPointer(rebasing: $0[begin + RunLogFrame.headerSize..<begin + size]))
        }
        guard sequence == lastSequence + 1 else { throw notUnderstood }
        return size
    }

    private func advance(_ size: Int) {
        begin += size
        offset += size
        lastSequence += 1
    }

    private var notUnderstood: TrackerClientError {
        TrackerClientError(
            TrackerClientError.unreadableLog,
            "\(path): the record after number \(lastSequence) is whole but not understood; is this program older "
                + "than the one that wrote it?")
    }

    /// Reads on until `count` bytes from `offset` are at hand; false when the file ends before.
    private func fill(_ count: Int) -> Bool {
        guard buffer.count - begin < count else { return true }
        buffer.removeFirst(begin)
        begin = 0
        while buffer.count < count {
            var chunk = [UInt8](repeating: 0, count: max(Self.chunk, count - buffer.count))
            let position = offset + buffer.count
            let size = chunk.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, position) }
            if size < 0 && errno == EINTR { continue }
            guard size > 0 else { return false }
            buffer += chunk.prefix(size)
        }
        return true
    }
}
