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
    /// Bytes of the file from `offset` on.
    private var buffer: ArraySlice<UInt8> = []

    private static let chunk = 64 << 10

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
        guard fill(RunLogFrame.headerSize),
            let length = RunLogFrame.payloadLength(buffer.prefix(RunLogFrame.headerSize)),
            fill(RunLogFrame.headerSize + length)
        else { return stop() }
        let header = buffer.prefix(RunLogFrame.headerSize)
        let payload = buffer.dropFirst(RunLogFrame.headerSize).prefix(length)
        guard RunLogFrame.isIntact(header: header, payload: payload) else { return stop() }
        guard let record = try? JSONCoding.decode(SequencedRecord.self, from: Data(payload)),
            record.sequence == lastSequence + 1
        else {
            throw TrackerClientError(
                TrackerClientError.unreadableLog,
                "\(path): the record after number \(lastSequence) is whole but not understood; is this program older "
                    + "than the one that wrote it?")
        }
        let size = RunLogFrame.headerSize + length
        buffer = buffer.dropFirst(size)
        offset += size
        lastSequence = record.sequence
        return record
    }

    /// Goes back to the beginning and forward again, so that ``next()`` gives the record after `sequence`.
    package func seek(after sequence: Int64) throws(TrackerClientError) {
        if sequence < lastSequence {
            (offset, lastSequence, buffer) = (0, 0, [])
        }
        while lastSequence < sequence, try next() != nil {}
    }

    private func stop() -> SequencedRecord? {
        // What lies here may be written over: read it anew next time.
        buffer = []
        return nil
    }

    /// Reads on until `count` bytes from `offset` are at hand; false when the file ends before.
    private func fill(_ count: Int) -> Bool {
        while buffer.count < count {
            var chunk = [UInt8](repeating: 0, count: max(Self.chunk, count - buffer.count))
            let position = offset + buffer.count
            let size = chunk.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, position) }
            if size < 0 && errno == EINTR { continue }
            guard size > 0 else { return false }
            buffer = ArraySlice(Array(buffer) + chunk.prefix(size))
        }
        return true
    }
}
