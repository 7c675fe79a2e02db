import Glibc
import Tensor

/// A connection to another rank: whole messages, waited for.
final class RankSocket: @unchecked Sendable {
    let descriptor: Int32
    /// Who is at the other end, for sentences.
    let peer: String

    /// Longest message that is taken for one: beginnings of garbage are none.
    private static let longest = 1 << 26

    init(descriptor: Int32, peer: String) {
        self.descriptor = descriptor
        self.peer = peer
        // Small messages decide how long a step takes; a machine that has vanished says nothing by itself.
        set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        set(SOL_SOCKET, SO_KEEPALIVE, 1)
        set(Int32(IPPROTO_TCP), TCP_KEEPIDLE, 10)
        set(Int32(IPPROTO_TCP), TCP_KEEPINTVL, 5)
        set(Int32(IPPROTO_TCP), TCP_KEEPCNT, 4)
    }

    deinit { close(descriptor) }

    private func set(_ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Wakes whoever waits for this connection, here and at the other end.
    func hangUp() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// How long a message may take to come or go; 0: for ever.
    func setPatience(seconds: Int) {
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    func send(_ bytes: UnsafeRawBufferPointer) throws(RankError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw lost(count) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    func receive(into bytes: UnsafeMutableRawBufferPointer) throws(RankError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = recv(descriptor, rest.baseAddress, rest.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw lost(count) }
            rest = UnsafeMutableRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// A message after its length.
    func send(message: [UInt8]) throws(RankError) {
        var framed: [UInt8] = []
        framed.reserveCapacity(message.count + 8)
        Swift.withUnsafeBytes(of: UInt64(message.count).littleEndian) { framed.append(contentsOf: $0) }
        framed += message
        var failure: RankError?
        framed.withUnsafeBytes { bytes in
            do throws(RankError) { try send(bytes) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    func receiveMessage() throws(RankError) -> [UInt8] {
        var length = UInt64(0)
        var failure: RankError?
        Swift.withUnsafeMutableBytes(of: &length) { bytes in
            do throws(RankError) { try receive(into: bytes) } catch { failure = error }
        }
        if let failure { throw failure }
        guard length.littleEndian <= RankSocket.longest else {
            throw RankError(.unequalRanks, "\(peer) does not speak as a rank of a training does")
        }
        var message = [UInt8](repeating: 0, count: Int(length.littleEndian))
        message.withUnsafeMutableBytes { bytes in
            do throws(RankError) { try receive(into: bytes) } catch { failure = error }
        }
        if let failure { throw failure }
        return message
    }

    private func lost(_ count: Int) -> RankError {
        let reason = count == 0 ? "its connection ended" : String(cString: strerror(errno))
        return RankError(
            .lostRank, "\(peer) is gone (\(reason)); its own output says why; start the run again to go on")
    }
}
