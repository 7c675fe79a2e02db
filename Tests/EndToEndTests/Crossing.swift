import Foundation
import Glibc
import Synchronization

/// A place between a sweeper and its tracker where every request may be looked at before it goes on, and before its
/// answer goes back. What happens there is `look`'s matter: to end the sweeper, say.
///
/// Speaks as much HTTP as the two do: one request after the other on a connection, bodies with their lengths.
final class Crossing: Sendable {
    enum Moment: Sendable, Equatable { case before, after }

    struct Request: Sendable {
        var method: String
        var path: String
        var body: String
    }

    /// Answers whether the request, or its answer, goes on.
    typealias Look = @Sendable (Request, Moment) -> Bool

    let url: String
    private let listener: Int32
    private let target: UInt16
    private let look: Look
    private let connections = Mutex<[Int32]>([])

    /// `tracker`: the port of the tracker on this machine.
    init(to tracker: UInt16, look: @escaping Look) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        var address = Self.loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                Glibc.bind(listener, pointer, length) == 0 && Glibc.listen(listener, 64) == 0
                    && getsockname(listener, pointer, &length) == 0
            }
        }
        guard bound else { throw Laboratory.Failure("no port for the crossing") }
        self.listener = listener
        url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
        target = tracker
        self.look = look
        Thread.detachNewThread { [self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                _ = fcntl(client, F_SETFD, FD_CLOEXEC)
                Thread.detachNewThread { [self] in carry(client) }
            }
        }
    }

    func close() {
        shutdown(listener, Int32(SHUT_RDWR))
        Glibc.close(listener)
        connections.withLock { for descriptor in $0 { shutdown(descriptor, Int32(SHUT_RDWR)) } }
    }

    private func carry(_ client: Int32) {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        connections.withLock { $0 += [client, server] }
        defer {
            connections.withLock { list in list.removeAll { $0 == client || $0 == server } }
            Glibc.close(client)
            Glibc.close(server)
        }
        var address = Self.loopback(port: target)
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard connected else { return }
        var (fromClient, fromServer) = (Stream(client), Stream(server))
        while let message = fromClient.message() {
            let words = message.head.prefix { $0 != "\r\n" }.split(separator: " ")
            guard words.count > 1 else { return }
            let request = Request(
                method: String(words[0]), path: String(words[1]), body: String(decoding: message.body, as: UTF8.self))
            guard look(request, .before), Self.send(message.bytes, to: server), let answer = fromServer.message(),
                look(request, .after), Self.send(answer.bytes, to: client)
            else { return }
        }
    }

    private static func send(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    /// Cuts what a connection sends into messages.
    private struct Stream {
        let descriptor: Int32
        var rest: [UInt8] = []

        init(_ descriptor: Int32) { self.descriptor = descriptor }

        /// Nil at the end, or for what is no message.
        mutating func message() -> (head: String, body: ArraySlice<UInt8>, bytes: [UInt8])? {
            var end = Self.headEnd(rest)
            while end == nil {
                guard read() else { return nil }
                end = Self.headEnd(rest)
            }
            guard let end else { return nil }
            let head = String(decoding: rest[..<end], as: UTF8.self)
            let length =
                head.lowercased().firstMatch(of: /\r\ncontent-length: *([0-9]+)/).flatMap { Int($0.1) } ?? 0
            while rest.count < end + length { guard read() else { return nil } }
            let bytes = Array(rest[..<(end + length)])
            rest.removeFirst(end + length)
            return (head, bytes[end...], bytes)
        }

        private mutating func read() -> Bool {
            var buffer = [UInt8](repeating: 0, count: 65536)
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return false }
            rest += buffer[..<count]
            return true
        }

        private static func headEnd(_ bytes: [UInt8]) -> Int? {
            let mark = Array("\r\n\r\n".utf8)
            guard bytes.count >= 4 else { return nil }
            return (0...bytes.count - 4).first { Array(bytes[$0..<$0 + 4]) == mark }.map { $0 + 4 }
        }
    }
}
