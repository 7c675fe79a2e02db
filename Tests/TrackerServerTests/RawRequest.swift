import Glibc

/// A request sent byte for byte, as no well-behaved client would.
enum RawRequest {
    struct Answer: Sendable {
        var status: Int
        var text: String

        /// What follows the head, put together where it came in chunks.
        var body: String {
            guard let end = text.firstRange(of: "\r\n\r\n") else { return "" }
            let rest = text[end.upperBound...]
            guard text[..<end.lowerBound].lowercased().contains("transfer-encoding: chunked") else {
                return String(rest)
            }
            var (body, left) = ("", Substring(rest))
            while let line = left.firstRange(of: "\r\n"), let size = Int(left[..<line.lowerBound], radix: 16), size > 0
            {
                let chunk = left[line.upperBound...].utf8.prefix(size)
                body += String(Substring(chunk))
                left = Substring(left[line.upperBound...].utf8.dropFirst(size)).dropFirst()
            }
            return body
        }
    }

    static func send(
        _ method: String, _ target: String, port: Int, headers: [String] = [], body: String = ""
    ) async throws -> Answer {
        let hasHost = headers.contains { $0.lowercased().hasPrefix("host:") }
        let lines =
            ["\(method) \(target) HTTP/1.1"] + (hasHost ? [] : ["Host: 127.0.0.1:\(port)"]) + headers
            + ["Content-Length: \(body.utf8.count)", "Connection: close", "", body]
        return try await blocking { exchange(Array(lines.joined(separator: "\r\n").utf8), port: port) }
    }

    private static func exchange(_ request: [UInt8], port: Int) -> Answer {
        let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(connection) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(connection, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { return Answer(status: 0, text: "") }
        _ = Glibc.send(connection, request, request.count, Int32(MSG_NOSIGNAL))
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while case let count = recv(connection, &buffer, buffer.count, 0), count > 0 { answer += buffer.prefix(count) }
        let text = String(decoding: answer, as: UTF8.self)
        return Answer(status: Int(text.dropFirst(9).prefix(3)) ?? 0, text: text)
    }
}
