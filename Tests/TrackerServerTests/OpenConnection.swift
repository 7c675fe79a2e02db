import Glibc
import Synchronization

/// A connection whose request may be unfinished and whose answer may have no end.
final class OpenConnection: Sendable {
    struct Failure: Error {}

    private let descriptor: Int32
    private let received = Mutex("")

    /// Sends the lines, `Host` and an empty line; with `finishes` false, without the empty line.
    init(port: Int, _ lines: String..., finishes: Bool = true) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw Failure() }
        send((lines + ["Host: 127.0.0.1:\(port)"]).joined(separator: "\r\n") + (finishes ? "\r\n\r\n" : "\r\n"))
    }

    deinit { close() }

    func close() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    @discardableResult
    func send(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// Everything received so far, once `mark` is in it; waits 15 seconds at most.
    func text(until mark: String) async throws -> String {
        let deadline = ContinuousClock.now + .seconds(15)
        var buffer = [UInt8](repeating: 0, count: 4096)
        while ContinuousClock.now < deadline {
            let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            if count > 0 {
                received.withLock { $0 += String(decoding: buffer.prefix(count), as: UTF8.self) }
            }
            let text = received.withLock { $0 }
            if text.contains(mark) { return text }
            if count == 0 { break }
            if count < 0 { try await Task.sleep(for: .milliseconds(20)) }
        }
        return received.withLock { $0 }
    }
}
