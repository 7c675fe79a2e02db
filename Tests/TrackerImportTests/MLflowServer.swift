import Dispatch
import Experiment
import Foundation
import Glibc

/// Answers MLflow's REST API from a table of recorded answers, by path and the words that the request must hold.
final class MLflowServer: Sendable {
    struct Answer: Sendable {
        let path: String
        let words: [String]
        let body: String
    }

    let url: String
    private let listener: Int32
    private let answers: [Answer]

    init(_ answers: [Answer]) {
        self.answers = answers
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
        DispatchQueue(label: "mlflow-server").async { self.serve() }
    }

    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func serve() {
        while case let connection = accept(listener, nil, nil), connection >= 0 {
            var buffer = [UInt8](repeating: 0, count: 65536)
            var request = ""
            // A short body may come apart from the head.
            while !isWhole(request), case let count = recv(connection, &buffer, buffer.count, 0), count > 0 {
                request += String(decoding: buffer[..<count], as: UTF8.self)
            }
            let found = answers.first { answer in
                request.contains(" /api/2.0/mlflow/\(answer.path)") && answer.words.allSatisfy(request.contains)
            }
            let body = found?.body ?? #"{"error_code": "INVALID", "message": "no such answer"}"#
            let head =
                "HTTP/1.1 \(found == nil ? "400 Bad Request" : "200 OK")\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n"
            let answer = Array((head + body).utf8)
            _ = send(connection, answer, answer.count, Int32(MSG_NOSIGNAL))
            close(connection)
        }
        close(listener)
    }

    private func isWhole(_ request: String) -> Bool {
        guard let end = request.firstRange(of: "\r\n\r\n") else { return false }
        let length = request.firstMatch(of: /Content-Length: (\d+)/).flatMap { Int($0.1) } ?? 0
        return request[end.upperBound...].utf8.count >= length
    }
}
