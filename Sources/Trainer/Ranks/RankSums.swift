import Dispatch
import Glibc
import Synchronization
import Tensor

/// Sums of floats over all ranks, one after the other on a thread of its own, while others compute.
///
/// The first rank adds up what the others send, in their order, and sends them the sum: all have the same bits, and the
/// order of additions is that of one process that does the ranks' parts in turn.
final class RankSums: Sendable {
    /// The other ranks', or the first one's.
    private let sockets: [RankSocket]
    private let isFirst: Bool
    private let queue = DispatchQueue(label: "saga.ranks.sums")
    private let failure = Mutex<RankError?>(nil)

    /// Floats received at a time.
    private static let piece = 1 << 16

    private struct Values: @unchecked Sendable {
        let pointer: UnsafeMutablePointer<Float>
        let count: Int

        var bytes: UnsafeMutableRawBufferPointer {
            UnsafeMutableRawBufferPointer(start: pointer, count: 4 * count)
        }
    }

    init(_ sockets: [RankSocket], isFirst: Bool) {
        self.sockets = sockets
        self.isFirst = isFirst
    }

    func begin(_ pointer: UnsafeMutablePointer<Float>, count: Int) {
        let values = Values(pointer: pointer, count: count)
        queue.async {
            guard self.failure.withLock({ $0 == nil }) else { return }
            do throws(RankError) {
                try self.isFirst ? self.collect(values) : self.contribute(values)
            } catch {
                self.failure.withLock { $0 = error }
            }
        }
    }

    func finish() throws(RankError) {
        queue.sync {}
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    /// Ends what is under way and waits until nothing touches the floats any more.
    func close() {
        for socket in sockets { socket.hangUp() }
        queue.sync {}
    }

    private func contribute(_ values: Values) throws(RankError) {
        try sockets[0].send(message: RankSums.header(values.count))
        try sockets[0].send(UnsafeRawBufferPointer(values.bytes))
        try sockets[0].receive(into: values.bytes)
    }

    private func collect(_ values: Values) throws(RankError) {
        let piece = UnsafeMutablePointer<Float>.allocate(capacity: RankSums.piece)
        defer { piece.deallocate() }
        for socket in sockets {
            guard try socket.receiveMessage() == RankSums.header(values.count) else {
                throw RankError(
                    .unequalRanks,
                    "\(socket.peer) adds up other gradients; use one trainer and one config for all ranks")
            }
            for start in stride(from: 0, to: values.count, by: RankSums.piece) {
                let count = min(RankSums.piece, values.count - start)
                try socket.receive(into: UnsafeMutableRawBufferPointer(start: piece, count: 4 * count))
                let own = values.pointer + start
                for index in 0..<count { own[index] += piece[index] }
            }
        }
        for socket in sockets { try socket.send(UnsafeRawBufferPointer(values.bytes)) }
    }

    private static func header(_ count: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt64(count).littleEndian) { Array($0) }
    }
}
