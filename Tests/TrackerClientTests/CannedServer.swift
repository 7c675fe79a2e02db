import Dispatch
import Glibc
import Synchronization

/// A TCP server on a free port of 127.0.0.1 that answers every connection with the same bytes.
final class CannedServer: Sendable {
    let url: String
    private let listener: Int32
    private let asked = Mutex<[String]>([])

    /// What was asked on each connection, as far as it came at once.
    var requests: [String] { asked.withLock { $0 } }
    /// Connections answered so far.
    var connections: Int { requests.count }

    init(answer: [UInt8]) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(listener, $0, length)
                _ = getsockname(listener, $0, &length)
            }
        }
        listen(listener, 16)
        self.listener = listener
        url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
        DispatchQueue(label: "canned").async { self.serve(answer) }
    }

    /// Ends ``serve(_:)``, which closes the socket itself: its number may be another server's right after.
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func serve(_ answer: [UInt8]) {
        while case let connection = accept(listener, nil, nil), connection >= 0 {
            var request = [UInt8](repeating: 0, count: 65536)
            let length = recv(connection, &request, request.count, 0)
            asked.withLock { $0.append(String(decoding: request.prefix(max(0, length)), as: UTF8.self)) }
            var sent = 0
            while sent < answer.count {
                let size = answer.withUnsafeBytes {
                    send(connection, $0.baseAddress.map { $0 + sent }, answer.count - sent, Int32(MSG_NOSIGNAL))
                }
                if size <= 0 { break }
                sent += size
            }
            close(connection)
        }
        close(listener)
    }
}
