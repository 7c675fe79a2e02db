import Experiment
import Foundation
import Synchronization
import Testing

@testable import TrackerClient

@Suite("Events of a tracker", .timeLimit(.minutes(1)))
struct EventParserTests {
    private static let text = """
        retry: 2000

        : still here

        event: sweep
        id: e-7
        data: {"sweep":"s"}

        data:a
        data: b
        other: x

        event: unfinished
        data: x
        """

    @Test("Events are whole however their bytes come; comments and unknown fields are nothing")
    func pieces() {
        let expected = [
            EventParser.Event(name: "sweep", data: #"{"sweep":"s"}"#), EventParser.Event(name: "message", data: "a\nb"),
        ]
        for text in [Self.text, Self.text.replacing("\n", with: "\r\n")] {
            for size in [1, 7, text.utf8.count] {
                var parser = EventParser()
                var events: [EventParser.Event] = []
                let bytes = Array(text.utf8)
                for start in stride(from: 0, to: bytes.count, by: size) {
                    events += parser.take(bytes[start..<min(bytes.count, start + size)])
                }
                #expect(events == expected && parser.lastID == "e-7")
            }
        }
    }

    @Test("A follower tells what it hears, goes on after a break where it was, and says that it broke")
    func follower() async throws {
        let body = "event: sweep\nid: e-7\ndata: x\n\n"
        let server = CannedServer(
            answer: Array("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8))
        defer { server.stop() }
        let heard = Mutex<[EventFollower.News]>([])
        let follower = EventFollower(address: TrackerAddress(url: server.url), pause: 0.01) { news in
            heard.withLock { $0.append(news) }
        }
        while heard.withLock(\.count) < 6 { try await Task.sleep(for: .milliseconds(10)) }
        follower.stop()
        let once: [EventFollower.News] = [.connected, .event(.init(name: "sweep", data: "x")), .broken]
        #expect(heard.withLock { Array($0.prefix(6)) } == once + once)
        #expect(server.requests.map { $0.contains("Last-Event-ID: e-7") }.prefix(2) == [false, true])
    }
}
